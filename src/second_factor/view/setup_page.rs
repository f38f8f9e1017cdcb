//! `/account/second-factor`

use leptos::prelude::*;

use super::codes::Codes;
use crate::{
    second_factor::{
        api::setup::{
            CancelSecondFactor, FindSecondFactor, RenewRecoveryCodes, StartSecondFactor, TurnOffSecondFactor, TurnOnSecondFactor,
        },
        model::{Enrolment, OwnSecondFactor},
    },
    ui::*,
    when::When,
};

/// The forms of the page.
#[derive(Clone, Copy)]
struct Actions {
    start: FormAction<StartSecondFactor>,
    cancel: FormAction<CancelSecondFactor>,
    turn_on: FormAction<TurnOnSecondFactor>,
    renew: FormAction<RenewRecoveryCodes>,
    turn_off: FormAction<TurnOffSecondFactor>,
}

/// `/account/second-factor`
#[component]
pub fn SetupPage() -> impl IntoView {
    let actions = Actions {
        start: FormAction::new(),
        cancel: FormAction::new(),
        turn_on: FormAction::new(),
        renew: FormAction::new(),
        turn_off: FormAction::new(),
    };
    FormState::of(actions.turn_on).announce(Done::SecondFactorOn);
    FormState::of(actions.renew).announce(Done::RecoveryCodesRenewed);
    FormState::of(actions.turn_off).announce(Done::SecondFactorOff);
    // Read again after a success only: after an error the form stays as it is, with what was typed.
    let changed = RwSignal::new(0_usize);
    let count = move || changed.update(|count| *count += 1);
    FormState::of(actions.start).on_success(count);
    FormState::of(actions.cancel).on_success(count);
    FormState::of(actions.turn_on).on_success(count);
    FormState::of(actions.renew).on_success(count);
    FormState::of(actions.turn_off).on_success(count);
    // Once it is on, the portal around the page may be open.
    FrameVersion::follow(actions.turn_on.version().into());
    let own = Fetch::again(move || changed.get(), || FindSecondFactor {});
    view! {
        <PageTitle text="Second factor" />
        <PageHeader title="Second factor" text="A code from an app on your phone, asked for beside your password: whoever steals one of the two cannot sign in." />
        <div class="stack account">
            <PersonalTabs current="/account/second-factor" />
            <NewCodes actions />
            <Load resource=own headed=true view=move |own: OwnSecondFactor| view! { <Own own actions /> }.into_any() />
        </div>
    }
}

/// Codes that were just made in this page; outside of the data, which is read again meanwhile.
#[component]
fn NewCodes(actions: Actions) -> impl IntoView {
    let newest = RwSignal::new(vec![]);
    Effect::new(move |_| {
        if let Some(Ok(codes)) = actions.turn_on.value().get() {
            newest.set(codes);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(codes)) = actions.renew.value().get() {
            newest.set(codes);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(())) = actions.turn_off.value().get() {
            newest.set(vec![]);
        }
    });
    view! {
        <div aria-live="polite">
            {move || Some(newest.get()).filter(|codes| !codes.is_empty()).map(|codes| view! { <Codes codes /> })}
        </div>
    }
}

#[component]
fn Own(own: OwnSecondFactor, actions: Actions) -> impl IntoView {
    let OwnSecondFactor { since, codes_left, enrolment, locked, asked_by, codes } = own;
    let asks = asked_by.clone().unwrap_or_else(|| "This portal".to_owned());
    let is_on = since.is_some();
    let asked = locked.then(move || view! { <Asked asks is_on /> });
    let content = match (since, enrolment) {
        (Some(since), _) => view! { <On since codes_left asked_by actions /> }.into_any(),
        (None, Some(enrolment)) => view! { <Enrol enrolment actions /> }.into_any(),
        (None, None) => view! { <Off actions /> }.into_any(),
    };
    view! {
        <div class="stack">
            {asked}
            {(!codes.is_empty()).then(|| view! { <Codes codes /> })}
            {content}
        </div>
    }
}

/// Why nothing else is open.
#[component]
fn Asked(asks: String, is_on: bool) -> impl IntoView {
    let title = format!("{asks} asks everybody for a second factor");
    if is_on {
        return view! {
            <Notice tone=Tone::Warn title>
                <p>"You have one, but did not give it in this session. Give it now to go on."</p>
                <p><ButtonLink href="/signin/confirm?next=/" label="Give your second factor" kind=ButtonKind::Primary external=true /></p>
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice tone=Tone::Warn title>
            <p>"Nothing else is open to you before you have set one up, here or as a passkey. It takes two minutes."</p>
            <p><a href="/account/passkeys">"Use a passkey instead"</a> ", and then sign in with it."</p>
        </Notice>
    }
    .into_any()
}

#[component]
fn Off(actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.start);
    view! {
        <Card title="Authenticator app">
            <div class="stack">
                <p><Badge text="Off" tone=Tone::Neutral /></p>
                <p>"You need an authenticator app, such as Aegis, Google Authenticator, Microsoft Authenticator or a password manager that shows codes. When you sign in with a password or a code by e-mail, the portal then asks for the six digits that it shows."</p>
                <FormError form />
                <div><PostButton action=actions.start label="Set up" pending_label="Preparing…" kind=ButtonKind::Primary /></div>
            </div>
        </Card>
    }
}

#[component]
fn Enrol(enrolment: Enrolment, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.turn_on);
    let Enrolment { picture, size, secret, account } = enrolment;
    view! {
        <Card title="Set up your authenticator app">
            <div class="stack">
                <ol class="second-factor-steps">
                    <li>
                        <p>"Scan this picture with your app."</p>
                        <svg class="second-factor-picture" viewBox=format!("0 0 {size} {size}") role="img" aria-label="Picture for an authenticator app; the text below says the same" shape-rendering="crispEdges">
                            <rect width=size.to_string() height=size.to_string() fill="#fff"></rect>
                            <path d=picture fill="#000"></path>
                        </svg>
                        <details class="disclosure">
                            <summary>"Type it instead"</summary>
                            <dl class="facts">
                                <div><dt>"Account"</dt><dd>{account}</dd></div>
                                <div><dt>"Key"</dt><dd><code class="code">{secret}</code></dd></div>
                                <div><dt>"Kind"</dt><dd>"By time, six digits, SHA-1, 30 seconds"</dd></div>
                            </dl>
                        </details>
                    </li>
                    <li>
                        <PostForm action=actions.turn_on>
                            <div class="form">
                                <FormError form />
                                <TextField
                                    form
                                    name="form[code]"
                                    label="Enter the code that your app shows"
                                    hint="Your other sessions end, and you get ten recovery codes."
                                    required=true
                                    autocomplete="one-time-code"
                                    inputmode="numeric"
                                    maxlength=12
                                />
                                <div class="form-actions"><SubmitButton form label="Turn on" pending_label="Checking…" /></div>
                            </div>
                        </PostForm>
                    </li>
                </ol>
                <div><PostButton action=actions.cancel label="Cancel" pending_label="Canceling…" kind=ButtonKind::Quiet small=true /></div>
            </div>
        </Card>
    }
}

#[component]
fn On(since: When, codes_left: i64, asked_by: Option<String>, actions: Actions) -> impl IntoView {
    let off = match asked_by {
        Some(company) => format!("{company} asks everybody for a second factor: nothing of it is open to you until you set up another one. Your recovery codes stop working, and your other sessions end."),
        None => "From then on your password or a code by e-mail is enough to sign in. Your recovery codes stop working, and your other sessions end.".to_owned(),
    };
    let left = match codes_left {
        0 => "No recovery code is left".to_owned(),
        1 => "1 recovery code is left".to_owned(),
        left => format!("{left} recovery codes are left"),
    };
    view! {
        <Card title="Authenticator app">
            <div class="stack">
                <p><Badge text="On" tone=Tone::Good /> " since " <time datetime=since.iso>{since.exact}</time></p>
                <FormError form=FormState::of(actions.turn_off) />
                <div>
                    <ConfirmForm action=actions.turn_off label="Turn off" title="Turn your second factor off?" text=off confirm="Turn off" pending_label="Turning off…" opener=ButtonKind::Secondary />
                </div>
            </div>
        </Card>
        <Card title="Recovery codes" text="For the day on which you do not have your app. Each works once.">
            <div class="stack">
                <p>{if codes_left < 3 { view! { <Badge text=left tone=Tone::Warn /> }.into_any() } else { left.into_any() }}</p>
                <FormError form=FormState::of(actions.renew) />
                <div>
                    <ConfirmForm
                        action=actions.renew
                        label="Make new codes"
                        title="Make ten new recovery codes?"
                        text="The codes that you have now stop working at once."
                        confirm="Make new codes"
                        pending_label="Making…"
                        kind=ButtonKind::Primary
                        opener=ButtonKind::Secondary
                    />
                </div>
            </div>
        </Card>
    }
}
