import java.nio.charset.StandardCharsets;
import java.util.Scanner;

/** Lets the kit ask the calculator: a question a line from standard input, an answer a line to standard output. */
class Adapter {
    static final String HELLO = """
        {"protocol":1,"implementation":{"name":"Plain programmes","vendor":"Example adapters","version":"1.0",\
        "language":"java"},"rulebooks":["2017-08"],"wants":["earnings"],"window":16}""";

    public static void main(String... none) {
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8).useDelimiter("\n");
        for (String kind = ""; !kind.equals("bye") && lines.hasNext(); System.out.flush()) {
            Json message = Json.read(lines.next());
            kind = message.at("m").text();
            String reply = "\"ok\":" + (kind.equals("hello") ? HELLO : "{}");
            try {
                if (kind.equals("answer"))
                    reply = "\"ok\":{\"earnings\":" + Calculator.earnings(message.at("scenario")) + "}";
            } catch (RuntimeException problem) { // say what is not covered, and go on
                reply = "\"error\":{\"message\":" + Json.quoted(problem.toString()) + "}";
            }
            System.out.print("{\"id\":" + Json.quoted(message.at("id").text()) + "," + reply + "}\n");
        }
    }
}
