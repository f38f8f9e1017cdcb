//! People in lists and menus.

use leptos::prelude::*;

/// First letters of the first and last word: "Olivia Berg" is "OB".
fn initials(name: &str) -> String {
    let mut words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One of six colours, always the same for a name.
fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 6
}

/// A person's initials on a coloured disc; the name must stand beside it.
#[component]
pub fn Avatar(
    /// The person's name, or address where there is no name yet.
    #[prop(into)]
    name: String,
    /// For menus and tables.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let size = if small { " avatar-small" } else { "" };
    view! { <span class=format!("avatar avatar-{}{size}", hue(&name)) aria-hidden="true">{initials(&name)}</span> }
}

/// A person in a list: disc, name, second line.
#[component]
pub fn Person(
    /// The name.
    #[prop(into)]
    name: String,
    /// The second line, such as the address.
    #[prop(optional, into)]
    text: String,
) -> impl IntoView {
    view! {
        <span class="person">
            <Avatar name=name.clone() small=true/>
            <span class="person-words">
                <span class="person-name">{name}</span>
                {(!text.is_empty()).then(|| view! { <span class="person-text">{text}</span> })}
            </span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_first_and_last_word() {
        assert_eq!(initials("Olivia Berg"), "OB");
        assert_eq!(initials("Ana María de la Cruz"), "AC");
        assert_eq!(initials("åsa"), "Å");
        assert_eq!(initials("  "), "");
    }
}
