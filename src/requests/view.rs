//! Asking, and the card on the team page where requests are answered.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::{CreateRequest, DeclineRequest, FindAsk, GrantRequest, ListRequests, WithdrawRequest},
    model::{Ask, LONGEST_REASON, OwnRequest, RequestList, RequestState, Waiting},
};
use crate::{access::Permission, ui::*};

/// `/requests/{permission}`: where links in the place of a missing action lead.
#[component]
pub fn AskPage() -> impl IntoView {
    let permission = use_params_map().with_untracked(|params| params.get("permission").unwrap_or_default());
    view! {
        <PageTitle text="Ask for access" />
        <PageHeader
            title="Ask for access"
            text="Your role decides what you may do. Somebody who manages the team can give you another one."
            back=("/team/roles".into(), "What each role may do".into())
        />
        <Card title="What you are missing">
            <AskFor permission stated=false />
        </Card>
    }
}

/// Who has a right, and the way to ask for it; for pages that were refused.
pub fn ask(permission: Permission) -> AnyView {
    view! { <AskFor permission=permission.as_str().to_owned() stated=true /> }.into_any()
}

/// The forms about one's own requests.
#[derive(Clone, Copy)]
struct OwnActions {
    create: FormAction<CreateRequest>,
    withdraw: FormAction<WithdrawRequest>,
}

#[component]
fn AskFor(
    permission: String,
    /// Whether the page has already said which right it is.
    stated: bool,
) -> impl IntoView {
    let actions = OwnActions { create: FormAction::new(), withdraw: FormAction::new() };
    FormState::of(actions.create).announce(Done::AccessRequested);
    FormState::of(actions.withdraw).announce(Done::AccessWithdrawn);
    let made = RwSignal::new(0_usize);
    FormState::of(actions.create).on_success(move || made.update(|count| *count += 1));
    let found = Fetch::again(move || made.get() + actions.withdraw.version().get(), move || FindAsk { permission: permission.clone() });
    view! { <Load resource=found headed=true view=move |ask: Ask| view! { <Asked ask stated actions /> }.into_any() /> }
}

#[component]
fn Asked(ask: Ask, stated: bool, actions: OwnActions) -> impl IntoView {
    if ask.has_it {
        return view! {
            <p>{ask.permission.sentence()}</p>
            <p class="muted">"Your role includes this already."</p>
        }
        .into_any();
    }
    let holders = ask.sentence();
    let waits = ask.latest.as_ref().is_some_and(|latest| latest.state == RequestState::Pending);
    let latest = ask.latest.map(|request| view! { <OwnLine request actions /> });
    let form = (!waits).then(|| view! { <AskForm permission=ask.permission action=actions.create /> });
    view! {
        <div class="stack requests">
            {(!stated).then(|| view! { <p><strong>{ask.permission.sentence()}</strong></p> })}
            <p class="muted">{holders}</p>
            <FormError form=FormState::of(actions.withdraw) />
            {latest}
            {form}
        </div>
    }
    .into_any()
}

#[component]
fn AskForm(permission: Permission, action: FormAction<CreateRequest>) -> impl IntoView {
    let form = FormState::of(action);
    view! {
        <PostForm action>
            <div class="form">
                <FormError form />
                <input type="hidden" name="form[permission]" value=permission.as_str() />
                <TextArea form name="form[reason]" label="What do you need it for?" rows=2 maxlength=LONGEST_REASON />
                <div class="form-actions">
                    <SubmitButton form label="Send request" pending_label="Sending…" />
                </div>
            </div>
        </PostForm>
    }
}

/// How a request of one's own stands.
#[component]
fn OwnLine(request: OwnRequest, actions: OwnActions) -> impl IntoView {
    let OwnRequest { id, state, asked, decided, decided_by, .. } = request;
    let (word, tone) = match state {
        RequestState::Pending => ("Waits for an answer", Tone::Info),
        RequestState::Granted => ("Granted", Tone::Good),
        RequestState::Declined => ("Declined", Tone::Warn),
        RequestState::Withdrawn => ("Withdrawn", Tone::Neutral),
    };
    let by = decided_by.filter(|_| state != RequestState::Withdrawn).map(|name| format!("by {name} ")).unwrap_or_default();
    let when = decided.unwrap_or(asked);
    let withdraw = (state == RequestState::Pending).then(|| {
        view! {
            <PostButton action=actions.withdraw label="Withdraw" pending_label="Withdrawing…" kind=ButtonKind::Quiet small=true>
                <input type="hidden" name="form[request]" value=id.to_string() />
            </PostButton>
        }
    });
    view! {
        <div class="requests-own">
            <p><Badge text=word tone /> " " {by} <Time when /></p>
            {withdraw}
        </div>
    }
}

/// The forms of those who answer.
#[derive(Clone, Copy)]
struct Answers {
    grant: FormAction<GrantRequest>,
    decline: FormAction<DeclineRequest>,
}

/// The requests that wait for the viewer, and their own. Nothing when there are none.
#[component]
pub fn RequestsCard(
    /// Called when a request was granted and somebody has another role.
    granted: Callback<()>,
) -> impl IntoView {
    let answers = Answers { grant: FormAction::new(), decline: FormAction::new() };
    let own = OwnActions { create: FormAction::new(), withdraw: FormAction::new() };
    FormState::of(answers.grant).announce(Done::AccessGranted).on_success(move || granted.run(()));
    FormState::of(answers.decline).announce(Done::AccessDeclined);
    FormState::of(own.withdraw).announce(Done::AccessWithdrawn);
    let list = Fetch::again(move || answers.decline.version().get() + own.withdraw.version().get(), || ListRequests {});
    let cards = move || {
        Suspend::new(async move {
            let RequestList { waiting, yours } = list.ready().await.unwrap_or_default();
            let waiting = (!waiting.is_empty()).then(|| view! { <WaitingCard waiting answers /> });
            let yours = (!yours.is_empty()).then(|| view! { <OwnCard yours own /> });
            view! { {waiting} {yours} }.into_any()
        })
    };
    view! {
        <FormError form=FormState::of(answers.grant) />
        <FormError form=FormState::of(answers.decline) />
        <FormError form=FormState::of(own.withdraw) />
        <Transition fallback=|| ()>{cards}</Transition>
    }
}

#[component]
fn WaitingCard(waiting: Vec<Waiting>, answers: Answers) -> impl IntoView {
    let heads = vec![Head::text("Person"), Head::text("Asks for"), Head::text("Asked"), Head::actions()];
    let rows = waiting.into_iter().map(|request| view! { <WaitingRow request answers /> }).collect_view();
    view! {
        <Card title="Access requests" text="Granting gives the person another role. They are told by e-mail either way." flush=true>
            <Table caption="Access requests that wait for an answer" heads>
                {rows}
            </Table>
        </Card>
    }
}

#[component]
fn WaitingRow(request: Waiting, answers: Answers) -> impl IntoView {
    let role = format!("{} · {}", request.email, request.role);
    let reason = (!request.reason.is_empty()).then(|| view! { <p class="requests-reason">"“"{request.reason.clone()}"”"</p> });
    view! {
        <tr>
            <th scope="row" data-label="Person"><Person name=request.name.clone() text=role /></th>
            <td data-label="Asks for"><div>{request.permission.sentence()}{reason}</div></td>
            <td data-label="Asked"><Time when=request.asked.clone() /></td>
            <td class="actions"><Answer request answers /></td>
        </tr>
    }
}

#[component]
fn Answer(request: Waiting, answers: Answers) -> impl IntoView {
    let Waiting { id, name, yours, choices, .. } = request;
    if yours {
        return view! { <span class="muted">"Somebody else answers your own request"</span> }.into_any();
    }
    let id = id.to_string();
    let (of_grant, of_decline) = (id.clone(), id.clone());
    let grant = choices.raise.map(|role| {
        view! {
            <PostButton action=answers.grant label=format!("Grant: make them {role}") pending_label="Granting…" kind=ButtonKind::Secondary small=true>
                <input type="hidden" name="form[request]" value=of_grant />
            </PostButton>
        }
    });
    let nobody =
        (choices.raise.is_none() && choices.others.is_empty()).then(|| view! { <span class="muted">"Only an owner can grant this"</span> });
    let others = (!choices.others.is_empty()).then(|| view! { <OtherRole id name choices=choices.others action=answers.grant /> });
    view! {
        {grant}
        {nobody}
        {others}
        <PostButton action=answers.decline label="Decline" pending_label="Declining…" kind=ButtonKind::Quiet small=true>
            <input type="hidden" name="form[request]" value=of_decline />
        </PostButton>
    }
    .into_any()
}

/// A role that gives more than was asked for, or takes something away.
#[component]
fn OtherRole(id: String, name: String, choices: Vec<crate::access::Role>, action: FormAction<GrantRequest>) -> impl IntoView {
    let form = FormState::of(action);
    let options: Vec<(String, String)> =
        choices.into_iter().map(|role| (role.as_str().to_owned(), format!("{role}: {}", role.summary()))).collect();
    let first = options.first().map(|(word, _)| word.clone()).unwrap_or_default();
    view! {
        <Dialog
            label="Another role"
            title=format!("Which role for {name}?")
            text="These roles include what was asked for. They give more than that, or take away something the person has now."
            kind=ButtonKind::Quiet
            small=true
            close_with=form
        >
            <DialogForm action submit="Grant request" pending_label="Granting…">
                <input type="hidden" name="form[request]" value=id.clone() />
                <SelectField form name="form[role]" id=format!("role-{id}") label="Role" value=first options />
                <p class="small"><a href="/team/roles">"What each role may do"</a></p>
            </DialogForm>
        </Dialog>
    }
}

#[component]
fn OwnCard(yours: Vec<OwnRequest>, own: OwnActions) -> impl IntoView {
    let lines = yours.into_iter().map(move |request| {
        let sentence = request.permission.sentence();
        view! { <li><p>{sentence}</p><OwnLine request actions=own /></li> }
    });
    view! {
        <Card title="Your access requests">
            <ul class="requests-list">{lines.collect_view()}</ul>
        </Card>
    }
}
