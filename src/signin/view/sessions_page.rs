//! Where the person is signed in.

use leptos::prelude::*;

use crate::{
    signin::{
        api::sessions::{EndOtherSessions, EndSession, ListSessions},
        model::OwnSession,
    },
    ui::*,
};

/// `/account/sessions`
#[component]
pub fn SessionsPage() -> impl IntoView {
    let end = FormAction::<EndSession>::new();
    let end_others = FormAction::<EndOtherSessions>::new();
    FormState::of(end).announce(Done::SessionEnded);
    FormState::of(end_others).announce(Done::OtherSessionsEnded);
    let sessions = Fetch::again(move || end.version().get() + end_others.version().get(), || ListSessions {});
    view! {
        <PageTitle text="Where you are signed in" />
        <PageHeader
            title="Where you are signed in"
            text="Every browser in which you are signed in to this portal. End what you do not recognize, then choose a new password."
        />
        <div class="stack">
            <PersonalTabs current="/account/sessions" />
            <FormError form=FormState::of(end) />
            <FormError form=FormState::of(end_others) />
            <Load
                resource=sessions
                headed=true
                view=move |sessions| view! { <Sessions sessions end end_others /> }.into_any()
            />
        </div>
    }
}

#[component]
fn Sessions(sessions: Vec<OwnSession>, end: FormAction<EndSession>, end_others: FormAction<EndOtherSessions>) -> impl IntoView {
    let others = sessions.len().saturating_sub(1);
    let rows = sessions.into_iter().map(|session| view! { <SessionLine session end /> }).collect_view();
    let heads = vec![
        Head::text("Browser"),
        Head::text("Place"),
        Head::text("Last used"),
        Head::text("Signed in"),
        Head::text("Ends"),
        Head::actions(),
    ];
    view! {
        <Card title="Browsers">
            <Table caption="Where you are signed in" heads>{rows}</Table>
        </Card>
        {if others > 0 {
            view! {
                <div>
                    <ConfirmForm
                        action=end_others
                        label="End all others"
                        title="End all other sessions?"
                        text="Every other browser in which you are signed in is signed out at once. This one stays signed in."
                        confirm="End all others"
                        pending_label="Ending…"
                        opener=ButtonKind::Secondary
                    />
                </div>
            }
            .into_any()
        } else {
            view! { <p class="muted">"You are signed in nowhere else."</p> }.into_any()
        }}
    }
}

#[component]
fn SessionLine(session: OwnSession, end: FormAction<EndSession>) -> impl IntoView {
    let action = if session.here {
        view! {
            <form method="post" action="/api/signin/out">
                <button type="submit" class=ButtonKind::Quiet.class(true, false)>"Sign out"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <ConfirmForm
                action=end
                label="End"
                title=format!("End the session of {}?", session.device)
                text="This browser is signed out at once. What was being filled in there and not sent is lost."
                confirm="End session"
                pending_label="Ending…"
                small=true
            >
                <input type="hidden" name="id" value=session.id.to_string() />
            </ConfirmForm>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" data-label="Browser">
                {session.device}
                {session.here.then(|| view! { " " <Badge text="This browser" tone=Tone::Good /> })}
                {session.opened_by_product.then(|| view! { " " <Badge text="Opened from the product" tone=Tone::Neutral /> })}
                {session.by_sso.then(|| view! { " " <Badge text="Single sign-on" /> })}
            </th>
            <td data-label="Place">
                <div>
                    <div>{session.place}</div>
                    " "
                    <div class="muted small">{session.address}</div>
                </div>
            </td>
            <td data-label="Last used"><Time when=session.last_used /></td>
            <td data-label="Signed in"><Time when=session.signed_in /></td>
            <td data-label="Ends"><Time when=session.ends /></td>
            <td class="actions">{action}</td>
        </tr>
    }
}
