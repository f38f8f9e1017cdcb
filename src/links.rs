//! Web addresses in plain text, so that a page can make links of them without ever taking HTML from anybody.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// An address beginning with `http://` or `https://`.
    Link(&'a str),
}

/// Splits a text into plain parts and web addresses; joined again they give the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some((before, address, after)) = next_address(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Link(address));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn next_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut searched = 0;
    loop {
        let start = searched + text.get(searched..)?.find("http")?;
        let (before, found) = text.split_at_checked(start)?;
        let length = address_length(found);
        let at_word = !before.ends_with(char::is_alphanumeric);
        if let (Some(length), true) = (length, at_word) {
            let (address, after) = found.split_at_checked(length)?;
            return Some((before, address, after));
        }
        searched = start + "http".len();
    }
}

/// How many bytes of the text's beginning are an address. Punctuation at its end belongs to the sentence around it,
/// and so does a closing parenthesis that the address did not open.
fn address_length(text: &str) -> Option<usize> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    if !host.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"')).unwrap_or(text.len());
    let mut address = text.get(..end)?;
    loop {
        let opened = address.matches('(').count() >= address.matches(')').count();
        match address.chars().next_back()? {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | ']' | '}' | '*' => address = address.get(..address.len() - 1)?,
            ')' if !opened => address = address.get(..address.len() - 1)?,
            _ => return Some(address.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_without_the_sentence_around_them() {
        let text = "See https://docs.example/import (or http://a.example/b_(c)). Not http:// or xhttps://x.y.";
        let expected = [
            Piece::Text("See "),
            Piece::Link("https://docs.example/import"),
            Piece::Text(" (or "),
            Piece::Link("http://a.example/b_(c)"),
            Piece::Text("). Not http:// or xhttps://x.y."),
        ];
        assert_eq!(pieces(text), expected);
    }

    #[test]
    fn nothing_but_web_addresses_becomes_a_link() {
        for text in ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "http", "http:/", "httpshttps://", "", "größe"] {
            assert!(pieces(text).iter().all(|piece| matches!(piece, Piece::Text(_))), "{text}");
        }
        assert_eq!(pieces("https://a.example/\"><script>"), [Piece::Link("https://a.example/"), Piece::Text("\"><script>")]);
    }

    #[test]
    fn joined_again_the_pieces_give_the_text() {
        for text in ["https://ä.example/ü…! ", "(https://a.example),\nhttps://b.example\n", "http http://a.example http"] {
            let joined: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(t) | Piece::Link(t) => t,
                })
                .collect();
            assert_eq!(joined, text);
        }
    }
}
