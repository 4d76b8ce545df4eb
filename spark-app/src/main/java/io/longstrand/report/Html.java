package io.longstrand.report;

/** A page under construction; text put into it is escaped. */
final class Html {
    private final StringBuilder page = new StringBuilder();

    /** Text as it may stand in an element or in a quoted attribute. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** Markup as it is. */
    Html markup(String markup) {
        page.append(markup);
        return this;
    }

    /** Text, escaped. */
    Html text(String text) {
        page.append(escape(text));
        return this;
    }

    /** An element with text inside. */
    Html element(String tag, String text) {
        return markup("<" + tag + ">").text(text).markup("</" + tag + ">\n");
    }

    /** A row of a table with a heading cell. */
    Html row(String heading, String value) {
        return markup("<tr><th>").text(heading).markup("</th><td>").text(value).markup("</td></tr>\n");
    }

    @Override
    public String toString() {
        return page.toString();
    }
}
