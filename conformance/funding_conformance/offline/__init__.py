"""Taking part without a program that speaks the protocol: a pack of questions goes out, files of answers come back.

``funding-kit export`` writes the pack, ``funding-kit import`` reads the answers. They are judged by the same code, and
give the same run file, as if they had come over standard input and output.
"""
