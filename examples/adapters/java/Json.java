import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.*;
import java.util.regex.*;
import java.util.stream.*;

/** A value of JSON: a map, a list, a text, an exact number or a truth; null is also what is not there. */
record Json(Object value) {
    /** A bracket, a text or a word. Where what is read is JSON, commas and colons add nothing to their order. */
    static final Pattern TOKEN = Pattern.compile("\\G[\\s,:]*+([\\[\\]{}]|\"(?:[^\"\\\\]|\\\\.)*+\"|[-+.\\w]++)");
    static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(....)|.)");

    static Json read(String line) {
        return read(TOKEN.matcher(line).results().map(token -> token.group(1)).iterator(), "");
    }

    private static Json read(Iterator<String> tokens, String closing) { // null where the closing bracket stands
        String token = tokens.next();
        if (token.equals(closing)) return null;
        return new Json(switch (token.charAt(0)) {
            case '[' -> {
                List<Json> items = new ArrayList<>();
                for (Json item; (item = read(tokens, "]")) != null; ) items.add(item);
                yield items;
            }
            case '{' -> {
                Map<String, Json> members = new LinkedHashMap<>();
                for (Json name; (name = read(tokens, "}")) != null; ) members.put(name.text(), read(tokens, ""));
                yield members;
            }
            case '"' -> ESCAPE.matcher(token.substring(1, token.length() - 1)).replaceAll(Json::character);
            case 't', 'f' -> token.equals("true");
            case 'n' -> null;
            default -> new BigDecimal(token);
        });
    }

    private static String character(MatchResult escape) { // Java has all of JSON's escapes but two
        if (escape.group(1) != null) {
            int unit = Integer.parseInt(escape.group(1), 16);
            return Matcher.quoteReplacement(Character.toString(unit));
        }
        return escape.group().equals("\\/") ? "/" : Matcher.quoteReplacement(escape.group().translateEscapes());
    }

    static String quoted(String text) { // all but ASCII is escaped: the platform's charset is not always UTF-8
        return text.chars().mapToObj(c -> c < 32 || c > 126 || c == '"' || c == '\\' ? "\\u%04x".formatted(c)
            : Character.toString(c)).collect(Collectors.joining("", "\"", "\""));
    }

    Json at(String name) { return ((Map<?, ?>) value).get(name) instanceof Json found ? found : new Json(null); }

    Stream<Json> list() { return ((List<?>) value).stream().map(Json.class::cast); }

    List<Json> sorted(String name) { return list().sorted(Comparator.comparing(one -> one.at(name).text())).toList(); }

    boolean is(Object other) { return Objects.equals(value, other instanceof Integer n ? new BigDecimal(n) : other); }

    String text() { return (String) value; }

    long whole() { return ((BigDecimal) value).longValueExact(); }

    LocalDate date() { return LocalDate.parse(text()); }

    public String toString() { return String.valueOf(value); }
}
