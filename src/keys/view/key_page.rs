//! `/keys/<id>`: one key, its settings and its use.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    LastUse, RelatedKey, State,
    actions::{Actions, KeyActions, LimitsDialog, RenameDialog},
    refused::{OldUseCard, RefusedCard},
    secret::{HandedOver, NewSecret},
};
use crate::{
    keys::{
        api::FindKey,
        model::{KeyDetail, KeyState, Related},
    },
    number::grouped,
    ui::*,
};

/// The page of one key.
#[component]
pub fn KeyPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let actions = Actions::new();
    let changed = actions.announce();
    let detail = Fetch::again(move || changed.get(), move || FindKey { id: id.get() });
    view! {
        <PageTitle text="API key" />
        <NewSecret answer=actions.rotate.value() pending=actions.rotate.pending() />
        <Load resource=detail view=move |detail: KeyDetail| view! { <Detail detail actions /> }.into_any() />
    }
}

#[component]
fn Detail(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let (id, manages) = (detail.key.id.to_string(), detail.manages);
    let created = detail.created.clone().map(|created| view! { <HandedOver created page=format!("/keys/{id}") /> });
    let old_use = detail.old_use.clone().map(|old| view! { <OldUseCard old id=id.clone() manages actions /> });
    let hours = hours(&detail);
    let buttons = manages.then(|| view! { <KeyActions detail=detail.clone() actions /> });
    view! {
        <PageTitle text=detail.key.name.clone() />
        <PageHeader title=detail.key.name.clone() text=detail.key.masked.clone() back=("/keys".to_owned(), "API keys".to_owned())>
            {buttons}
        </PageHeader>
        <div class="stack">
            {actions.errors(detail.key.state)}
            {created}
            <Warnings detail=detail.clone() />
            {old_use}
            <RefusedCard refused=detail.refused.clone() id=id.clone() manages actions />
            <div class="grid">
                <Card title="Use" text=detail.use_now.clone()>
                    {hours}
                </Card>
                <Settings detail actions />
            </div>
        </div>
    }
}

/// The calls of each hour; a sentence where there are none, because a chart of nothing has a scale of nothing.
fn hours(detail: &KeyDetail) -> AnyView {
    if detail.hours.iter().all(|(_, calls)| *calls == 0) {
        let unused = detail.key.last_used.is_none() && detail.key.refused.is_empty();
        let none = if unused { "No calls yet." } else { "No accepted calls in the last 24 hours." };
        return view! { <p class="muted">{none}</p> }.into_any();
    }
    let bars = detail.hours.iter().map(|(label, calls)| Bar { label: label.clone(), value: *calls, text: grouped(*calls) }).collect();
    view! { <BarChart title="Accepted calls in each of the last 24 hours" bars unit="Calls" /> }.into_any()
}

/// What is to be known before the rest is read.
#[component]
fn Warnings(detail: KeyDetail) -> impl IntoView {
    let leaked = detail.leaked.clone().map(|place| {
        let found = if place.is_empty() { String::new() } else { format!(" It was found at {place}.") };
        let what = match detail.key.state {
            KeyState::Active => "Rotate it now: it works for everybody who has seen it.",
            KeyState::Ending => "Revoke it now: until its overlap ends it works for everybody who has seen it.",
            KeyState::Disabled => "Revoke it now: once somebody enables it, it works again for everybody who has seen it.",
            KeyState::Expired | KeyState::Revoked => "Take it out of where it was found, and put another key into your programs.",
        };
        view! { <Notice tone=Tone::Bad title="A secret scanner found this key in public"><p>{format!("{what}{found}")}</p></Notice> }
    });
    let successor = detail.key.successor.clone();
    let ended = match detail.key.state {
        KeyState::Disabled => {
            Some((Tone::Warn, "This key is disabled", "Programs that use it are refused until somebody enables it again."))
        }
        KeyState::Expired => Some((Tone::Neutral, "This key has expired", "Programs that use it are refused.")),
        KeyState::Revoked => Some((Tone::Neutral, "This key is revoked", "Programs that use it are refused, for good.")),
        KeyState::Active | KeyState::Ending => None,
    };
    let reason = (!detail.revoked_reason.is_empty()).then(|| format!(" Reason: {}.", detail.revoked_reason));
    let ended = ended.map(|(tone, title, text)| {
        let next = successor.map(|next| view! { <p>"Its successor is "<RelatedKey related=next /></p> });
        view! { <Notice tone title><p>{text}{reason}</p>{next}</Notice> }
    });
    view! { {leaked} {ended} }
}

/// Everything that was chosen for the key, and who did.
#[component]
fn Settings(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let changeable = detail.manages && !detail.key.state.is_final();
    let scopes = match &detail.scopes {
        None => view! { "Everything" }.into_any(),
        Some(scopes) => {
            view! { <ul class="key-list">{scopes.iter().map(|words| view! { <li>{words.clone()}</li> }).collect_view()}</ul> }.into_any()
        }
    };
    let networks = if detail.networks.is_empty() {
        view! { "From everywhere" }.into_any()
    } else {
        let lines = detail.networks.iter().map(|network| view! { <li><code class="code">{network.clone()}</code></li> }).collect_view();
        view! { <ul class="key-list">{lines}</ul> }.into_any()
    };
    let calls = if detail.calls_per_minute.is_empty() { "No limit of its own".to_owned() } else { detail.calls_per_minute.clone() };
    let related = |label: &'static str, related: Option<Related>| {
        related.map(|related| view! { <div><dt>{label}</dt><dd><RelatedKey related /></dd></div> })
    };
    let (key, dialogs) = (detail.key.clone(), detail.clone());
    let buttons = move || {
        view! {
            {dialogs.manages.then(|| view! { <RenameDialog id=dialogs.key.id.to_string() name=dialogs.key.name.clone() actions /> })}
            {changeable.then(|| view! { <LimitsDialog detail=dialogs.clone() actions /> })}
        }
    };
    view! {
        <Card title="Settings" actions=buttons>
            <dl class="facts">
                <div><dt>"State"</dt><dd><State key=key.clone() /></dd></div>
                <div><dt>"Environment"</dt><dd>{key.environment.label()}</dd></div>
                <div><dt>"Access"</dt><dd>{scopes}</dd></div>
                <div><dt>"Allowed addresses"</dt><dd>{networks}</dd></div>
                <div><dt>"Calls per minute"</dt><dd>{calls}</dd></div>
                <div><dt>"Last used"</dt><dd><LastUse key=key.clone() /></dd></div>
                <div><dt>"Created"</dt><dd><Time when=key.created />" by "{key.created_by}</dd></div>
                {related("Replaces", key.predecessor)}
                {related("Replaced by", key.successor)}
            </dl>
        </Card>
    }
}
