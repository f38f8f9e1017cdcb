//! The way in without a password: asking for a code, and entering it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    signin::api::codes::{AskCode, CodeIsOpen, EnterCode},
    ui::*,
};

/// `/signin/code`
#[component]
pub fn AskCodePage() -> impl IntoView {
    let ask = FormAction::<AskCode>::new();
    let form = FormState::of(ask);
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    view! {
        <PageTitle text="Sign in with a code" />
        <NarrowLayout>
            <h1>"Sign in with a code"</h1>
            <p class="muted">"We send a code of six characters to your address. Enter it in this browser within ten minutes."</p>
            <PostForm action=ask>
                <div class="form">
                    <FormError form />
                    <input type="hidden" name="form[next]" value=next />
                    <TextField form name="form[email]" label="E-mail address" kind="email" required=true autocomplete="username" maxlength=254 autofocus=true />
                    <CheckField name="form[keep]" label="Keep me signed in" hint="For 30 days in this browser. Not on a computer that you share." />
                    <SubmitButton form label="Send the code" pending_label="Sending…" />
                </div>
            </PostForm>
            <p>
                <a href="/signin">"Sign in with a password"</a>
            </p>
        </NarrowLayout>
    }
}

/// `/signin/code/enter`, and from the mail `/signin/code/enter?code=ABC234`: filled in, and sent by a person only.
#[component]
pub fn EnterCodePage() -> impl IntoView {
    let enter = FormAction::<EnterCode>::new();
    let open = Fetch::new(|| CodeIsOpen {});
    view! {
        <PageTitle text="Enter your code" />
        <NarrowLayout>
            <Load
                resource=open
                view=move |open| {
                    if open { view! { <EnterForm enter /> }.into_any() } else { view! { <OtherBrowser /> }.into_any() }
                }
            />
        </NarrowLayout>
    }
}

#[component]
fn EnterForm(enter: FormAction<EnterCode>) -> impl IntoView {
    let form = FormState::of(enter);
    let code = use_query_map().with_untracked(|query| query.get("code").unwrap_or_default());
    view! {
        <h1>"Enter your code"</h1>
        <p>"If the address belongs to an account, an e-mail with the code is on its way. The code works for ten minutes, in this browser only."</p>
        <PostForm action=enter>
            <div class="form">
                <FormError form />
                <TextField form name="form[code]" label="Code" value=code placeholder="ABC-234" required=true autocomplete="one-time-code" maxlength=20 autofocus=true />
                <SubmitButton form label="Sign in" pending_label="Signing in…" />
            </div>
        </PostForm>
        <p>
            <a href="/signin/code">"Ask for a new code"</a>
        </p>
    }
}

#[component]
fn OtherBrowser() -> impl IntoView {
    view! {
        <PageTitle text="No code can be entered here" />
        <h1>"No code can be entered here"</h1>
        <p>"A code works only in the browser in which it was asked for, for ten minutes, and for five tries. Enter it there, or ask for a new one here."</p>
        <ButtonLink href="/signin/code" label="Ask for a new code" kind=ButtonKind::Primary />
    }
}
