"""Settings of the documentation. Nothing is fetched while building, and nothing while reading."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Apprenticeship funding, specified"
author = "The contributors"
project_copyright = "the contributors; contains public sector information under the Open Government Licence v3.0"

extensions = ["executable_spec", "spec_answered"]
exclude_patterns = ["_build"]
# Plain backticks are code; dashes and quotes stay as they are typed.
default_role = "literal"
smartquotes = False
# No Python objects are described as an API, so roles need no domain before their name.
primary_domain = None

html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["spec.css"]
html_copy_source = False
html_show_sourcelink = False
# What is not marked as a language is a command or plain text.
highlight_language = "none"
pygments_style = "friendly"
pygments_dark_style = "native"
