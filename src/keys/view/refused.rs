//! Why calls are refused, and who still uses a key that was rotated.

use leptos::prelude::*;

use super::actions::Actions;
use crate::{
    keys::model::{Mend, OldUse, Refused, RefusedFrom},
    ui::*,
};

/// "Why is my key failing?"
#[component]
pub(super) fn RefusedCard(refused: Vec<Refused>, id: String, manages: bool, actions: Actions) -> impl IntoView {
    if refused.is_empty() {
        return view! {
            <Card title="Why is my key failing?">
                <p class="muted">"No call with this key was refused in the last seven days. If a program fails nevertheless, it sends another key, or never reaches the API."</p>
            </Card>
        }
        .into_any();
    }
    let reasons = refused.into_iter().map(|refused| view! { <Reason refused id=id.clone() manages actions /> }).collect_view();
    view! {
        <Card title="Why is my key failing?" text="Calls that were refused in the last seven days.">
            <ul class="key-reasons">{reasons}</ul>
        </Card>
    }
    .into_any()
}

#[component]
fn Reason(refused: Refused, id: String, manages: bool, actions: Actions) -> impl IntoView {
    let Refused { title, text, count, last, from, more, mend } = refused;
    let tone = if mend == Mend::Mended { Tone::Neutral } else { Tone::Bad };
    let mended = (mend == Mend::Mended).then(|| view! { <Badge text="Mended" tone=Tone::Good /> });
    // Of a single address its own line says how often and when.
    let total = (from.len() != 1 || !more.is_empty()).then(|| view! { <p class="muted">{count}", last "<Time when=last /></p> });
    let from = from.into_iter().map(|from| view! { <Address from id=id.clone() manages actions /> }).collect_view();
    let action = manages.then(|| mending(mend, id, actions)).flatten().map(|action| view! { <div>{action}</div> });
    view! {
        <li class="key-reason">
            <div class="key-reason-words">
                <h3><Badge text=title tone /> {mended}</h3>
                <p>{text}</p>
                {total}
                <ul class="key-list">{from}{further(more)}</ul>
            </div>
            {action}
        </li>
    }
}

/// The one action that mends it.
fn mending(mend: Mend, id: String, actions: Actions) -> Option<AnyView> {
    let action = match mend {
        Mend::Mended | Mend::Address => return None,
        Mend::Create => view! { <ButtonLink href="/keys?open=create" label="Create another key" /> }.into_any(),
        Mend::Successor(id) => view! { <ButtonLink href=format!("/keys/{id}") label="Go to its successor" /> }.into_any(),
        Mend::Limits => view! { <ButtonLink href=format!("/keys/{id}?open=limits") label="Change limits" /> }.into_any(),
        Mend::Upgrade => view! { <ButtonLink href="/billing/plan" label="Upgrade the plan" /> }.into_any(),
        Mend::Enable => view! {
            <PostButton action=actions.enable label="Enable key" pending_label="Enabling…">
                <input type="hidden" name="id" value=id />
            </PostButton>
        }
        .into_any(),
    };
    Some(action)
}

/// That a list of addresses was cut.
fn further(more: String) -> Option<impl IntoView> {
    (!more.is_empty()).then(|| view! { <li class="muted">{more}</li> })
}

#[component]
fn Address(from: RefusedFrom, id: String, manages: bool, actions: Actions) -> impl IntoView {
    let RefusedFrom { ip, count, last, can_be_allowed } = from;
    let allowed = ip.clone();
    let allow = (manages && can_be_allowed).then(|| {
        view! {
            <PostButton action=actions.allow label=format!("Allow {allowed}") pending_label="Saving…" kind=ButtonKind::Secondary small=true>
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="ip" value=allowed />
            </PostButton>
        }
    });
    let shown = if ip.is_empty() { "Address unknown".to_owned() } else { ip };
    view! { <li class="key-address"><span><code class="code">{shown}</code>" "<span class="muted">{count}", last "<Time when=last /></span></span>{allow}</li> }
}

/// Proof that a rotation is done, or who stands in its way.
#[component]
pub(super) fn OldUseCard(old: OldUse, id: String, manages: bool, actions: Actions) -> impl IntoView {
    let from = old.from.into_iter().map(|from| view! { <Address from id=id.clone() manages=false actions /> }).collect_view();
    let extend = old.extend.filter(|_| manages).map(|(overlap, label)| {
        view! {
            <PostButton action=actions.extend label pending_label="Extending…" kind=ButtonKind::Secondary>
                <input type="hidden" name="form[id]" value=id />
                <input type="hidden" name="form[overlap]" value=overlap />
            </PostButton>
        }
    });
    view! {
        <Notice tone=if old.idle { Tone::Good } else { Tone::Warn } title="This key was rotated">
            <p>{old.verdict}</p>
            <ul class="key-list">{from}{further(old.more)}</ul>
            {extend}
        </Notice>
    }
}
