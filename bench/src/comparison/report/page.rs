//! The page around the sections.

use super::text::escape;

const STYLE: &str = include_str!("style.css");

/// A whole document.
pub(super) fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// A section with its heading.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!("<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n", escape(heading))
}

/// A paragraph of plain text.
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

/// A remark under a table or plot.
pub(super) fn remark(text: &str) -> String {
    format!("<p class=\"remark\">{}</p>\n", escape(text))
}

/// A table that scrolls by itself where the page is narrow. The caption is plain text, the heads are too;
/// rows are HTML.
pub(super) fn table(caption: &str, heads: &[&str], rows: &str) -> String {
    let heads: String =
        heads.iter().map(|h| format!("<th scope=\"col\">{}</th>", escape(h))).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>\n\
         <caption><span>{0}</span></caption>\n<thead><tr>{heads}</tr></thead>\n{rows}</table></div>\n",
        escape(caption)
    )
}

/// A row of plain text whose first cell is its head.
pub(super) fn row(cells: &[&str]) -> String {
    let mut out = String::from("<tr>");
    for (index, cell) in cells.iter().enumerate() {
        out += &match index {
            0 => format!("<th scope=\"row\">{}</th>", escape(cell)),
            _ => format!("<td>{}</td>", escape(cell)),
        };
    }
    out + "</tr>\n"
}

/// A row that names what follows.
pub(super) fn divider(text: &str, columns: usize) -> String {
    format!(
        "<tr class=\"divider\"><th scope=\"rowgroup\" colspan=\"{columns}\">{}</th></tr>\n",
        escape(text)
    )
}

/// A picture with its caption.
pub(super) fn figure(svg: &str, caption: &str) -> String {
    format!(
        "<figure><div class=\"scroll\">{svg}</div><figcaption>{}</figcaption></figure>\n",
        escape(caption)
    )
}
