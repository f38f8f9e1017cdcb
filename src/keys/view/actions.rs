//! What can be done with a key.

use leptos::prelude::*;

use super::create::LimitFields;
use crate::{
    keys::{
        api::{AllowAddress, DisableKey, EnableKey, ExtendOverlap, RenameKey, RevokeKey, RotateKey, UpdateLimits},
        model::{ACCESS_CHOSEN, KeyDetail, KeyState, Overlap},
    },
    ui::*,
};

/// Why keys are revoked; the person can add a note.
const REASONS: [&str; 5] =
    ["No longer needed", "Replaced by another key", "Leaked or may have leaked", "Program was shut down", "Somebody left"];

/// The forms of the page; one of each.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub(super) rotate: FormAction<RotateKey>,
    pub(super) extend: FormAction<ExtendOverlap>,
    pub(super) disable: FormAction<DisableKey>,
    pub(super) enable: FormAction<EnableKey>,
    pub(super) revoke: FormAction<RevokeKey>,
    pub(super) rename: FormAction<RenameKey>,
    pub(super) limits: FormAction<UpdateLimits>,
    pub(super) allow: FormAction<AllowAddress>,
}

impl Actions {
    pub(super) fn new() -> Self {
        Self {
            rotate: FormAction::new(),
            extend: FormAction::new(),
            disable: FormAction::new(),
            enable: FormAction::new(),
            revoke: FormAction::new(),
            rename: FormAction::new(),
            limits: FormAction::new(),
            allow: FormAction::new(),
        }
    }

    /// Says what was done, and counts what was changed, so that the page reads the key again.
    pub(super) fn announce(self) -> RwSignal<usize> {
        let changed = RwSignal::new(0);
        for (form, done) in [
            (FormState::of(self.rotate), Done::KeyRotated),
            (FormState::of(self.extend), Done::KeyExtended),
            (FormState::of(self.disable), Done::KeyDisabled),
            (FormState::of(self.enable), Done::KeyEnabled),
            (FormState::of(self.revoke), Done::KeyRevoked),
            (FormState::of(self.rename), Done::Saved),
            (FormState::of(self.limits), Done::Saved),
            (FormState::of(self.allow), Done::Saved),
        ] {
            form.announce(done).on_success(move || changed.update(|changed| *changed += 1));
        }
        changed
    }

    /// What went wrong with the forms that are only a button, and with those whose dialog is gone because the key has meanwhile
    /// come to another state.
    pub(super) fn errors(self, state: KeyState) -> impl IntoView {
        let gone = [
            (state != KeyState::Active, FormState::of(self.rotate)),
            (!state.is_accepted(), FormState::of(self.disable)),
            (state == KeyState::Revoked, FormState::of(self.revoke)),
            (state.is_final(), FormState::of(self.limits)),
        ];
        let gone = gone.into_iter().filter(|(gone, _)| *gone).map(|(_, form)| view! { <FormError form /> }).collect_view();
        view! {
            {gone}
            <FormError form=FormState::of(self.extend) />
            <FormError form=FormState::of(self.enable) />
            <FormError form=FormState::of(self.allow) />
        }
    }
}

/// The buttons beside the heading: those that the key's state allows.
#[component]
pub(super) fn KeyActions(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let (id, state) = (detail.key.id.to_string(), detail.key.state);
    let rotate = (state == KeyState::Active).then(|| view! { <RotateDialog detail=detail.clone() actions /> });
    let (disabled, last) = (id.clone(), detail.is_last);
    let disable = state.is_accepted().then(|| {
        view! {
            <ConfirmForm
                action=actions.disable
                label="Disable"
                title=format!("Disable “{}”?", detail.key.name)
                text=format!("Every program that uses this key is refused until somebody enables it again. {}", detail.use_now)
                confirm="Disable key"
                pending_label="Disabling…"
                opener=ButtonKind::Secondary
            >
                {last.then(|| view! { <LastKey /> })}
                <input type="hidden" name="id" value=disabled />
            </ConfirmForm>
        }
    });
    let enable = (state == KeyState::Disabled).then(|| {
        view! {
            <PostButton action=actions.enable label="Enable" pending_label="Enabling…" kind=ButtonKind::Primary>
                <input type="hidden" name="id" value=id />
            </PostButton>
        }
    });
    let revoke = (state != KeyState::Revoked).then(|| view! { <RevokeDialog detail=detail.clone() actions /> });
    view! { {rotate} {enable} {disable} {revoke} }
}

#[component]
fn RotateDialog(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.rotate);
    let overlaps = Overlap::ALL.map(|overlap| (overlap.as_str().to_owned(), overlap.label().to_owned())).to_vec();
    let same = match &detail.key.ends {
        Some(ends) => format!("When the old one would have ({})", ends.exact),
        None => "Never, as the old one".to_owned(),
    };
    let mut expiries = vec![(String::new(), same)];
    expiries.extend(detail.choices.expiries.iter().filter(|(word, _)| detail.key.ends.is_some() || word != "never").cloned());
    view! {
        <Dialog
            label="Rotate"
            title=format!("Rotate “{}”", detail.key.name)
            text=format!("You get a new key of the same name and limits. The old one keeps working for as long as you choose, so that you can replace it without an outage. {}", detail.use_now)
            kind=ButtonKind::Secondary
            icon=Icon::Rotate
            form
        >
            <DialogForm action=actions.rotate submit="Rotate key" pending_label="Rotating…">
                <input type="hidden" name="form[id]" value=detail.key.id.to_string() />
                <SelectField form name="form[overlap]" label="The old key keeps working" value=Overlap::Day.as_str() options=overlaps required=true />
                <SelectField form name="form[expiry]" id="rotation-expiry" label="The new key expires" value="" options=expiries />
            </DialogForm>
        </Dialog>
    }
}

#[component]
fn RevokeDialog(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.revoke);
    let reasons = REASONS.map(|reason| (reason.to_owned(), reason.to_owned())).to_vec();
    view! {
        <Dialog
            label="Revoke"
            title=format!("Revoke “{}”?", detail.key.name)
            text=format!("Every program that uses this key is refused at once, for good. {}", detail.use_now)
            kind=ButtonKind::Final
            form
        >
            <DialogForm action=actions.revoke submit="Revoke key" pending_label="Revoking…" kind=ButtonKind::Danger>
                {detail.is_last.then(|| view! { <LastKey /> })}
                <input type="hidden" name="form[id]" value=detail.key.id.to_string() />
                <SelectField form name="form[reason]" label="Reason" options=reasons required=true />
                <TextField form name="form[note]" label="Note" hint="Kept with the key and in the activity." maxlength=130 autocomplete="off" />
            </DialogForm>
        </Dialog>
    }
}

/// Said before the key is taken away without which nothing works.
#[component]
fn LastKey() -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title="This is the last key that works in live">
            <p>"Every live call of your programs is refused from then on, until they have another key."</p>
        </Notice>
    }
}

/// Another name.
#[component]
pub(super) fn RenameDialog(id: String, name: String, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.rename);
    view! {
        <Dialog label="Rename" title=format!("Rename “{name}”") small=true form>
            <DialogForm action=actions.rename submit="Save" pending_label="Saving…">
                <input type="hidden" name="form[id]" value=id />
                <TextField form name="form[name]" label="Name" value=name required=true maxlength=80 autocomplete="off" />
            </DialogForm>
        </Dialog>
    }
}

/// Other limits; the address may ask for it to be open.
#[component]
pub(super) fn LimitsDialog(detail: KeyDetail, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.limits);
    let query = leptos_router::hooks::use_query_map();
    let asked_for = Signal::derive(move || query.with(|query| query.get_str("open") == Some("limits")));
    let access = if detail.scopes.is_some() { ACCESS_CHOSEN } else { "" };
    view! {
        <Dialog label="Change limits" title=format!("Limits of “{}”", detail.key.name) text="They apply from the next call." small=true asked_for form>
            <DialogForm action=actions.limits submit="Save" pending_label="Saving…">
                <input type="hidden" name="form[id]" value=detail.key.id.to_string() />
                <LimitFields
                    form
                    choices=detail.choices
                    access
                    chosen=detail.chosen
                    networks=detail.networks.join("\n")
                    calls_per_minute=detail.calls_per_minute
                />
            </DialogForm>
        </Dialog>
    }
}
