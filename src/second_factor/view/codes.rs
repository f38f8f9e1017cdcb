//! Recovery codes, shown once.

use leptos::prelude::*;

use crate::ui::*;

/// The ten codes, with ways to take them away.
#[component]
pub fn Codes(codes: Vec<String>) -> impl IntoView {
    let text = codes.join("\n");
    // A link of data, so that it also works without JavaScript; base 32 and dashes need no escaping.
    let file = format!("data:text/plain;charset=utf-8,Recovery%20codes%20of%20the%20customer%20portal%0A{}%0A", codes.join("%0A"));
    let list = codes.into_iter().map(|code| view! { <li><code class="code">{code}</code></li> }).collect_view();
    view! {
        <Notice tone=Tone::Warn title="Keep these recovery codes now">
            <p>"They are shown this once. Each lets you in one time when you do not have your app. Print them, or keep them in a password manager, not on the phone with the app."</p>
            <ol class="second-factor-codes">{list}</ol>
            <div class="form-actions">
                <CopyButton text label="Copy" />
                <a class=ButtonKind::Secondary.class(false, false) href=file download="recovery-codes.txt">"Download"</a>
                <button type="button" class="button button-secondary needs-script" on:click=|_| print()>"Print"</button>
            </div>
        </Notice>
    }
}
