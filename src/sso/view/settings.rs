//! `/team/sso`

use leptos::prelude::*;

use super::domains::Domains;
use crate::{
    sso::{
        api::{
            domains::{AddDomain, RemoveDomain, VerifyDomain},
            settings::{ConnectSso, DisconnectSso, EnforceSso, FindSso, RelaxSso, TestSso},
        },
        model::{Connection, Enforcement, ROLES, Settings},
    },
    ui::*,
};

/// The forms of the page.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    connect: FormAction<ConnectSso>,
    test: FormAction<TestSso>,
    disconnect: FormAction<DisconnectSso>,
    enforce: FormAction<EnforceSso>,
    relax: FormAction<RelaxSso>,
    pub(super) add: FormAction<AddDomain>,
    pub(super) verify: FormAction<VerifyDomain>,
    pub(super) remove: FormAction<RemoveDomain>,
}

impl Actions {
    fn new() -> Self {
        let actions = Self {
            connect: FormAction::new(),
            test: FormAction::new(),
            disconnect: FormAction::new(),
            enforce: FormAction::new(),
            relax: FormAction::new(),
            add: FormAction::new(),
            verify: FormAction::new(),
            remove: FormAction::new(),
        };
        FormState::of(actions.connect).announce(Done::SsoConnected);
        FormState::of(actions.test).announce(Done::SsoTested);
        FormState::of(actions.disconnect).announce(Done::SsoDisconnected);
        FormState::of(actions.enforce).announce(Done::SsoEnforced);
        FormState::of(actions.relax).announce(Done::SsoRelaxed);
        FormState::of(actions.add).announce(Done::SsoDomainAdded);
        FormState::of(actions.verify).announce(Done::SsoDomainVerified);
        FormState::of(actions.remove).announce(Done::SsoDomainRemoved);
        actions
    }

    /// Counts the changes that worked, after which the page is read again; a refused one leaves the forms as they are.
    fn successes(self) -> RwSignal<usize> {
        let count = RwSignal::new(0_usize);
        let states = [
            FormState::of(self.connect),
            FormState::of(self.test),
            FormState::of(self.disconnect),
            FormState::of(self.enforce),
            FormState::of(self.relax),
            FormState::of(self.add),
            FormState::of(self.verify),
            FormState::of(self.remove),
        ];
        for state in states {
            state.on_success(move || count.update(|count| *count += 1));
        }
        count
    }
}

/// `/team/sso`: the company's own provider, its domains, and whether there is any other way in.
#[component]
pub fn SsoPage() -> impl IntoView {
    let actions = Actions::new();
    let changes = actions.successes();
    let settings = Fetch::again(move || changes.get(), || FindSso {});
    view! {
        <PageTitle text="Single sign-on" />
        <PageHeader
            title="Single sign-on"
            text="Your people sign in with your company’s own identity provider (OpenID Connect): Okta, Entra ID, Google Workspace, Keycloak and others."
            back=("/team".into(), "Team".into())
        />
        <Load resource=settings headed=true view=move |settings: Settings| view! { <SettingsView settings actions /> }.into_any() />
    }
}

#[component]
fn SettingsView(settings: Settings, actions: Actions) -> impl IntoView {
    let Settings { connection, callback_url, domains, enforcement } = settings;
    let connected = connection.is_some();
    view! {
        <div class="stack sso">
            <Card title="1. Your provider" text="Register the portal there as a web application (confidential client, authorization code), then enter what it shows.">
                <div class="stack">
                    <CopyField label="Redirect address, to be entered at the provider" value=callback_url />
                    <ConnectionForm connection=connection.clone() actions />
                    {connection.map(|connection| view! { <Connected connection actions /> })}
                </div>
            </Card>
            <Domains domains actions />
            <Card title="3. The only way in" text="People then get into this company with single sign-on only; passwords, codes and passkeys no longer open it.">
                <EnforcementView enforcement actions />
            </Card>
            {(!connected).then(|| view! { <p class="small muted">"Nothing changes for your people before a provider is connected and a domain is verified."</p> })}
        </div>
    }
}

#[component]
fn ConnectionForm(connection: Option<Connection>, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.connect);
    let has_secret = connection.is_some();
    let (issuer, client_id, role) = connection
        .map(|connection| (connection.issuer, connection.client_id, connection.role.as_str()))
        .unwrap_or((String::new(), String::new(), ROLES.first().map(|role| role.as_str()).unwrap_or_default()));
    let roles =
        ROLES.into_iter().map(|role| (role.as_str().to_owned(), format!("{}: {}", role.label(), role.summary()))).collect::<Vec<_>>();
    let secret_hint = if has_secret {
        "It is stored encrypted and never shown again. Leave it empty to keep it."
    } else {
        "It is stored encrypted and never shown again."
    };
    view! {
        <PostForm action=actions.connect>
            <div class="form">
                <FormError form />
                <TextField form name="form[issuer]" label="Issuer" kind="url" value=issuer required=true maxlength=300 autocomplete="off" placeholder="https://login.company.com"
                    hint="Exactly as the provider writes it. The portal reads the rest from /.well-known/openid-configuration below it." />
                <TextField form name="form[client_id]" label="Client ID" value=client_id required=true maxlength=255 autocomplete="off" />
                <TextField form name="form[client_secret]" label="Client secret" kind="password" required=!has_secret maxlength=1000 autocomplete="off" hint=secret_hint />
                <SelectField form name="form[role]" label="Role of people who join with it" value=role options=roles
                    hint="Whoever has a pending invitation gets its role instead." />
                <div class="form-actions">
                    <SubmitButton form label="Save and test" pending_label="Asking the provider…" />
                </div>
            </div>
        </PostForm>
    }
}

#[component]
fn Connected(connection: Connection, actions: Actions) -> impl IntoView {
    view! {
        <div class="sso-connected">
            <FormError form=FormState::of(actions.test) />
            <FormError form=FormState::of(actions.disconnect) />
            <p class="small muted">"The provider’s settings were last read " <Time when=connection.read /> "."</p>
            <div class="form-actions">
                <PostButton action=actions.test label="Test connection" pending_label="Asking the provider…" kind=ButtonKind::Secondary />
                <ConfirmForm
                    action=actions.disconnect
                    label="Disconnect"
                    title="Disconnect the provider?"
                    text="Everybody who came by single sign-on is signed out at once. People without a password of their own get in with a code by e-mail."
                    confirm="Disconnect"
                    pending_label="Disconnecting…"
                    opener=ButtonKind::Final
                />
            </div>
        </div>
    }
}

#[component]
fn EnforcementView(enforcement: Enforcement, actions: Actions) -> impl IntoView {
    match enforcement {
        Enforcement::NotYet(what) => view! { <Notice tone=Tone::Info><p>{what}</p></Notice> }.into_any(),
        Enforcement::Off { owners, outside } => view! { <EnforceForm owners outside actions /> }.into_any(),
        Enforcement::On { since, break_glass } => view! {
            <div class="stack">
                <Notice tone=Tone::Good title="Single sign-on is the only way in">
                    <p>"Since " <time datetime=since.iso>{since.exact}</time> ". When the provider does not work, " <strong>{break_glass}</strong> " still gets in with the password, and can open the other ways again. To choose another owner for this, open the other ways and close them again."</p>
                </Notice>
                <FormError form=FormState::of(actions.relax) />
                <div>
                    <ConfirmForm
                        action=actions.relax
                        label="Open the other ways in"
                        title="Open the other ways in?"
                        text="Passwords, codes by e-mail and passkeys open this company again, beside single sign-on."
                        confirm="Open them"
                        pending_label="Opening…"
                        kind=ButtonKind::Primary
                        opener=ButtonKind::Secondary
                    />
                </div>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn EnforceForm(owners: Vec<(String, String)>, outside: i64, actions: Actions) -> impl IntoView {
    let form = FormState::of(actions.enforce);
    let outside = match outside {
        0 => None,
        1 => Some("1 person has an address outside of your verified domains and will no longer get in.".to_owned()),
        many => Some(format!("{many} people have addresses outside of your verified domains and will no longer get in.")),
    };
    view! {
        <PostForm action=actions.enforce>
            <div class="form">
                <FormError form />
                {outside.map(|text| view! { <Notice tone=Tone::Warn><p>{text}</p></Notice> })}
                <SelectField form name="form[owner]" label="Owner for emergencies" options=owners required=true
                    hint="Gets in with the password when the provider does not work. Give them a strong password and a second factor." />
                <div class="form-actions">
                    <SubmitButton form label="Make it the only way in" pending_label="Closing the other ways…" />
                </div>
            </div>
        </PostForm>
    }
}
