//! Whether everybody at the company needs a second factor.

use leptos::prelude::*;

use crate::{access::Permission, second_factor::api::requirement::RequireSecondFactor, ui::*};

/// The card on the account page, for owners with the switch.
#[component]
pub fn RequirementCard(required: bool, may_change: bool, action: FormAction<RequireSecondFactor>) -> impl IntoView {
    let form = FormState::of(action);
    let required = RwSignal::new(required);
    let toast = use_toast();
    Effect::new(move |_| {
        if let Some(Ok(now)) = action.value().get() {
            required.set(now);
            toast.done(if now { Done::SecondFactorRequired } else { Done::SecondFactorOptional });
        }
    });
    let state = move || {
        if required.get() {
            view! { <Badge text="Everybody needs a second factor" tone=Tone::Good /> }.into_any()
        } else {
            view! { <Badge text="A password or a code by e-mail is enough" tone=Tone::Neutral /> }.into_any()
        }
    };
    let change = move || change(required.get(), action);
    view! {
        <Card title="Signing in" text="A second factor beside the password: an authenticator app or a passkey. A stolen password alone then opens nothing.">
            <div class="stack">
                <p>{state}</p>
                {if may_change {
                    view! { <div><FormError form />{change}</div> }.into_any()
                } else {
                    view! { <p class="small muted">"Owners can change this. " <AskLink permission=Permission::ManageSecondFactor /></p> }.into_any()
                }}
            </div>
        </Card>
    }
}

/// The switch, with what it will do.
fn change(required: bool, action: FormAction<RequireSecondFactor>) -> AnyView {
    if required {
        view! {
            <ConfirmForm
                action
                label="Stop asking for it"
                title="Stop asking for a second factor?"
                text="From now on a password or a code by e-mail is enough to work here. Whoever has a second factor keeps it."
                confirm="Stop asking for it"
                pending_label="Saving…"
                opener=ButtonKind::Secondary
            >
                <input type="hidden" name="required" value="false" />
            </ConfirmForm>
        }
        .into_any()
    } else {
        view! {
            <ConfirmForm
                action
                label="Ask everybody for a second factor"
                title="Ask everybody for a second factor?"
                text="Whoever signed in without one has to set one up before they can go on. Everybody is told by e-mail. API keys keep working."
                confirm="Ask everybody"
                pending_label="Saving…"
                kind=ButtonKind::Primary
                opener=ButtonKind::Secondary
            >
                <input type="hidden" name="required" value="true" />
            </ConfirmForm>
        }
        .into_any()
    }
}
