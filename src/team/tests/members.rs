//! Changing roles, removing people, leaving.

use super::*;

async fn change_role(actor: &Actor, user: &str, role: &str) -> Answer {
    actor.call("/api/team/role", &[("form[user]", user), ("form[role]", role)]).await
}

async fn remove(actor: &Actor, user: &str) -> Answer {
    actor.call("/api/team/remove", &[("form[user]", user)]).await
}

async fn leave(actor: &Actor) -> Answer {
    actor.call("/api/team/leave", &[]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_role_counts_from_the_next_request() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    assert_eq!(member.get("/keys").await.status, StatusCode::FORBIDDEN);
    assert_eq!(change_role(&owner, &id(&member), "developer").await.status, StatusCode::OK);
    assert_eq!(member.get("/keys").await.status, StatusCode::OK);
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.role_changed"]);
    let details: Value = sqlx::query_scalar("SELECT details FROM audit_events").fetch_one(app.db()).await.unwrap();
    assert_eq!(details, serde_json::json!({ "role": { "before": "member", "after": "developer" } }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn same_role_again_changes_and_records_nothing() {
    let app = TestApp::start().await;
    let member = app.member().await;
    assert_eq!(change_role(&app.owner().await, &id(&member), "member").await.status, StatusCode::OK);
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_that_could_not_be_stored_is_not_called_done_without_javascript() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    invite(&owner, "ada@new.example", "member").await;
    let (member, invitation) = (id(&app.member().await), invitation_id(&app, "ada@new.example").await);
    // The trail is written last.
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse();",
    )
    .execute(app.db())
    .await
    .unwrap();
    let of_member = [("form[user]", member.as_str()), ("form[role]", "developer")];
    let of_invited = [("form[invitation]", invitation.as_str()), ("form[role]", "developer")];
    let page = format!("/team/{member}");
    for (path, form, page) in [("/api/team/role", of_member, page.as_str()), ("/api/team/invited_role", of_invited, "/team")] {
        let answer = owner.submit(path, &form, page).await;
        assert!(!answer.location().contains("done="), "{path}: {}", answer.location());
        assert!(owner.follow(&answer).await.text().contains("Something went wrong on our side and nothing was changed."), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removed_person_is_out_at_once() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    assert_eq!(member.get("/team").await.status, StatusCode::OK);
    assert_eq!(remove(&owner, &id(&member)).await.status, StatusCode::OK);
    assert_ne!(member.get("/team").await.status, StatusCode::OK);
    assert_eq!(member.query("/api/team/list").await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.removed"]);
    assert_eq!(remove(&owner, &id(&member)).await.status, StatusCode::NOT_FOUND, "the second press finds nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_who_left_goes_on_with_another_customer() {
    let app = TestApp::start().await;
    let member = app.member().await;
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Billing).await;
    assert_eq!(leave(&member).await.status, StatusCode::OK);
    assert_eq!(list(&member, "").await["customer_name"], "Stranger Ltd");
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.left"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn admin_neither_touches_nor_makes_an_owner() {
    let app = TestApp::start().await;
    let (admin, owner, member) = (app.admin().await, app.owner().await, app.member().await);
    for answer in [
        change_role(&admin, &id(&owner), "member").await,
        change_role(&admin, &id(&member), "owner").await,
        remove(&admin, &id(&owner)).await,
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    }
    assert_eq!(change_role(&admin, &id(&member), "billing").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_changes_or_removes_themselves() {
    let app = TestApp::start().await;
    for actor in [app.owner().await, app.admin().await] {
        assert_eq!(change_role(&actor, &id(&actor), "member").await.status, StatusCode::CONFLICT);
        assert_eq!(remove(&actor, &id(&actor)).await.status, StatusCode::CONFLICT);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_owner_and_admin_manage_people() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for actor in [app.billing().await, app.developer().await, app.member().await] {
        assert_eq!(change_role(&actor, &id(&member), "admin").await.status, StatusCode::FORBIDDEN);
        assert_eq!(remove(&actor, &id(&member)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(actor.query(&format!("/api/team/member?user={}", id(&member))).await.status, StatusCode::FORBIDDEN);
    }
    let visitor = app.visitor();
    assert_eq!(remove(&visitor, &id(&member)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(leave(&visitor).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_owner_stays_owner() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = leave(&owner).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Make someone else an owner first"));
    assert_eq!(change_role(&owner, &id(&app.admin().await), "owner").await.status, StatusCode::OK);
    assert_eq!(leave(&owner).await.status, StatusCode::OK);
    assert_eq!(owners(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_attempts_to_go_one_owner_remains() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.owner().await, second_owner(&app).await);
    let (olga_id, otto_id) = (id(&olga), id(&otto));
    let attempts = (0..50).map(|number| {
        let (olga, otto, olga_id, otto_id) = (olga.clone(), otto.clone(), olga_id.clone(), otto_id.clone());
        async move {
            match number % 6 {
                0 => leave(&olga).await,
                1 => leave(&otto).await,
                2 => remove(&olga, &otto_id).await,
                3 => remove(&otto, &olga_id).await,
                4 => change_role(&olga, &otto_id, "member").await,
                _ => change_role(&otto, &olga_id, "admin").await,
            }
        }
    });
    let answers = join_all(attempts).await;
    assert!(answers.iter().any(|answer| answer.status == StatusCode::OK));
    assert!(answers.iter().all(|answer| answer.status != StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(owners(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ids_of_others_and_nonsense_are_not_found() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let stranger = id(&app.stranger().await);
    for user in [stranger.as_str(), "00000000-0000-0000-0000-000000000000", "nonsense", ""] {
        assert_eq!(remove(&owner, user).await.status, StatusCode::NOT_FOUND, "{user}");
        assert_eq!(change_role(&owner, user, "member").await.status, StatusCode::NOT_FOUND, "{user}");
        assert_eq!(owner.query(&format!("/api/team/member?user={user}")).await.status, StatusCode::NOT_FOUND, "{user}");
        assert_eq!(owner.get(&format!("/team/{user}x")).await.status, StatusCode::NOT_FOUND, "{user}");
    }
    assert_eq!(remove(&app.stranger().await, &id(&app.member().await)).await.status, StatusCode::NOT_FOUND);
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_role_is_refused_beside_its_field() {
    let app = TestApp::start().await;
    let answer = change_role(&app.owner().await, &id(&app.member().await), "root").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Choose one of the roles"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removal_names_the_keys_that_keep_working() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    for name in ["CI", "Production"] {
        assert_eq!(developer.call("/api/keys/create", &[("form[name]", name)]).await.status, StatusCode::OK);
    }
    let page = app.owner().await.get(&format!("/team/{}", id(&developer))).await;
    assert!(page.text().contains("The 2 active API keys that they created keep working"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removal_names_the_disabled_keys_that_anybody_can_enable() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    for name in ["CI", "Spare"] {
        assert_eq!(developer.call("/api/keys/create", &[("form[name]", name)]).await.status, StatusCode::OK);
    }
    let list = developer.query("/api/keys/list?search=Spare").await.json();
    let spare = list["keys"]["rows"][0]["id"].as_str().unwrap();
    assert_eq!(developer.call("/api/keys/disable", &[("id", spare)]).await.status, StatusCode::OK);
    let page = app.owner().await.get(&format!("/team/{}", id(&developer))).await;
    let mut lines = page.texts(".made-keys li");
    lines.sort();
    assert_eq!(lines, ["CI", "Spare Disabled"]);
    assert!(page.text().contains("The active API key that they created keeps working"), "{}", page.text());
    assert!(page.text().contains("A disabled one can be enabled again"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_a_person_is_removed_and_the_list_says_so() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    let answer = owner.submit("/api/team/remove", &[("form[user]", &id(&member))], &format!("/team/{}", id(&member))).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/team?done=member-removed"));
    let page = owner.follow(&answer).await;
    assert!(!page.text().contains("member@acme.example"));
    assert_eq!(role_of(&app, member.user_id.unwrap()).await, None);
}

async fn sign_out(actor: &Actor, user: &str) -> Answer {
    actor.call("/api/team/sign_out", &[("form[user]", user)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn admin_signs_a_member_out_everywhere() {
    let app = TestApp::start().await;
    let (admin, member, elsewhere) = (app.admin().await, app.member().await, app.member().await);
    let page = admin.get(&format!("/team/{}", id(&member))).await;
    assert!(page.text().contains("Sign out everywhere"));
    let answer = admin.submit("/api/team/sign_out", &[("form[user]", &id(&member))], &format!("/team/{}", id(&member))).await;
    assert_eq!(answer.location(), format!("/team/{}?done=member-signed-out", id(&member)));
    for ended in [&member, &elsewhere] {
        assert_eq!(ended.query("/api/home/find").await.json(), "SignIn");
    }
    assert_eq!(admin.query("/api/home/find").await.status, StatusCode::OK);
    let (kind, details): (String, Value) = sqlx::query_as("SELECT kind, details FROM audit_events").fetch_one(app.db()).await.unwrap();
    assert_eq!((kind.as_str(), details), ("member.signed_out", serde_json::json!({ "sessions_ended": 2 })));
    assert_eq!(app.member().await.query("/api/home/find").await.status, StatusCode::OK, "they can come in again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_signs_out_owners_themselves_or_people_of_others() {
    let app = TestApp::start().await;
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    assert_eq!(sign_out(&member, &id(&admin)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(sign_out(&admin, &id(&owner)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(sign_out(&admin, &id(&admin)).await.status, StatusCode::CONFLICT);
    let stranger = app.stranger().await;
    assert_eq!(sign_out(&owner, &id(&stranger)).await.status, StatusCode::NOT_FOUND);
    for actor in [owner, admin, member, stranger] {
        assert_eq!(actor.query("/api/home/find").await.status, StatusCode::OK);
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_that_never_comes_into_the_company_goes_on() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Member).await;
    let (here, there) = (app.member().await, app.member().await);
    for (session, customer) in [(&here, app.customer()), (&there, app.stranger_customer())] {
        sqlx::query(
            "UPDATE sessions SET provider_customer_id = $2, active_customer_id = $2 WHERE token_hash = sha256(convert_to($1, 'UTF8'))",
        )
        .bind(session.cookie("foyer"))
        .bind(customer)
        .execute(app.db())
        .await
        .unwrap();
    }
    assert_eq!(sign_out(&owner, &id(&member)).await.status, StatusCode::OK);
    assert_eq!(member.query("/api/home/find").await.json(), "SignIn", "it could have been switched to the company");
    assert_eq!(here.query("/api/home/find").await.json(), "SignIn");
    assert_eq!(there.query("/api/home/find").await.status, StatusCode::OK);
}
