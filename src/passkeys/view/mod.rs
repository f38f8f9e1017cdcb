//! `/account/passkeys`, and the buttons of other pages.

use leptos::prelude::*;

mod button;

use button::PasskeyForm;
pub use button::{ConfirmButton, SignInButton};

use super::{
    api::{AddPasskey, ListPasskeys, RemovePasskey, RenamePasskey},
    model::{MAX_NAME, MOST, Offer, Passkey, PasskeyList},
};
use crate::ui::*;

/// The forms of the page.
#[derive(Clone, Copy)]
struct Actions {
    add: FormAction<AddPasskey>,
    rename: FormAction<RenamePasskey>,
    remove: FormAction<RemovePasskey>,
}

/// `/account/passkeys`
#[component]
pub fn PasskeysPage() -> impl IntoView {
    let actions = Actions { add: FormAction::new(), rename: FormAction::new(), remove: FormAction::new() };
    FormState::of(actions.add).announce(Done::PasskeyAdded);
    FormState::of(actions.rename).announce(Done::Saved);
    FormState::of(actions.remove).announce(Done::PasskeyRemoved);
    let answers = move || actions.add.version().get() + actions.rename.version().get() + actions.remove.version().get();
    let passkeys = Fetch::again(answers, || ListPasskeys {});
    view! {
        <PageTitle text="Passkeys" />
        <PageHeader
            title="Passkeys"
            text="Sign in with your fingerprint, your face or the PIN of your device instead of a password. A passkey cannot be guessed, and does not work on a fake page."
        />
        <div class="stack">
            <PersonalTabs current="/account/passkeys" />
            <Load resource=passkeys headed=true view=move |list| view! { <Passkeys list actions /> }.into_any() />
        </div>
    }
}

#[component]
fn Passkeys(list: PasskeyList, actions: Actions) -> impl IntoView {
    let PasskeyList { passkeys, offer, suggested_name, portal } = list;
    let add = match offer {
        Offer::Open => view! { <Add suggested_name portal action=actions.add /> }.into_any(),
        Offer::Full => view! {
            <Notice tone=Tone::Info title=format!("You have {MOST} passkeys")>
                <p>"One person may have no more. Remove one that you do not use, and you can add another."</p>
            </Notice>
        }
        .into_any(),
        Offer::NoDomain => view! {
            <Notice tone=Tone::Info title="Passkeys need a domain name">
                <p>{format!("This portal is reached at {portal}. Browsers make passkeys only for a domain name with https, such as https://portal.example.com, and for localhost. Whoever runs the portal can give it one.")}</p>
            </Notice>
        }
        .into_any(),
    };
    let yours = if passkeys.is_empty() {
        view! {
            <EmptyState
                title="No passkey yet"
                text="A passkey stays in your device or password manager; the portal keeps only its public half. You sign in with one touch, and your password keeps working."
                icon=Icon::Key
            />
        }
        .into_any()
    } else {
        let rows = passkeys.into_iter().map(|passkey| view! { <PasskeyLine passkey actions /> }.into_any()).collect_view();
        let heads = vec![Head::text("Name"), Head::text("Added"), Head::text("Last used"), Head::actions()];
        view! {
            <Card title="Your passkeys" flush=true>
                <Table caption="Your passkeys" heads>{rows}</Table>
            </Card>
        }
        .into_any()
    };
    view! { <div class="stack passkeys">{add} {yours}</div> }
}

#[component]
fn Add(suggested_name: String, portal: String, action: FormAction<AddPasskey>) -> impl IntoView {
    let form = FormState::of(action);
    let elsewhere = portal.clone();
    view! {
        <Card title="Add a passkey">
            <noscript>"Your browser needs JavaScript to make a passkey. Those that you have can be renamed and removed without."</noscript>
            <div class="passkey-impossible">
                <p>"This browser cannot make passkeys here. Open " <a href=portal rel="external">{elsewhere}</a> " in a current browser."</p>
            </div>
            <PasskeyForm action kind="create" start="/api/passkeys/start_adding" label="Add a passkey" pending_label="Adding…">
                <TextField
                    form
                    name="form[name]"
                    label="Name"
                    value=suggested_name
                    hint="So that you know it later, for example “Work laptop”. Your device then asks for your fingerprint, face or PIN."
                    required=true
                    maxlength=MAX_NAME
                    autocomplete="off"
                />
            </PasskeyForm>
        </Card>
    }
}

#[component]
fn PasskeyLine(passkey: Passkey, actions: Actions) -> impl IntoView {
    let Passkey { id, name, added, used, blocked } = passkey;
    let used = match used {
        Some(when) => view! { <Time when /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    let badge = blocked.then(|| view! { " " <Badge text="May have been copied" tone=Tone::Bad /> });
    let why = blocked.then(|| view! { <p class="small muted">"It is refused. Remove it, and add a new one on the device itself."</p> });
    let id = id.to_string();
    view! {
        <tr>
            <th scope="row" data-label="Name">{name.clone()} {badge} {why}</th>
            <td data-label="Added"><Time when=added /></td>
            <td data-label="Last used">{used}</td>
            <td class="actions">
                <RenameDialog id=id.clone() name=name.clone() action=actions.rename />
                <ConfirmForm
                    action=actions.remove
                    label="Remove"
                    title=format!("Remove “{name}”?")
                    text="You can no longer sign in with it; your other ways to sign in stay. Browsers that are signed in stay signed in until you end their sessions. The passkey stays in your device or password manager until you delete it there, too."
                    confirm="Remove passkey"
                    pending_label="Removing…"
                    small=true
                >
                    <input type="hidden" name="id" value=id />
                </ConfirmForm>
            </td>
        </tr>
    }
}

#[component]
fn RenameDialog(id: String, name: String, action: FormAction<RenamePasskey>) -> impl IntoView {
    let form = FormState::of(action);
    view! {
        <Dialog label="Rename" title=format!("Rename “{name}”") kind=ButtonKind::Quiet small=true close_with=form>
            <DialogForm action submit="Save name" pending_label="Saving…">
                <input type="hidden" name="form[id]" value=id.clone() />
                <TextField form name="form[name]" id=format!("name-{id}") label="Name" value=name required=true maxlength=MAX_NAME autocomplete="off" />
            </DialogForm>
        </Dialog>
    }
}
