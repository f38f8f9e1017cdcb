//! What the pages show to whom.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everyone_sees_the_people_and_only_managers_the_rest() {
    let app = TestApp::start().await;
    invite(&app.owner().await, "ada@new.example", "member").await;
    for role in Role::ALL {
        let actor = app.person(role).await;
        let page = actor.get("/team").await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        assert_eq!(page.texts("h1"), ["Team"]);
        let text = page.text();
        assert!(text.contains("owner@acme.example") && text.contains("5 people and 1 open invitation."), "{role}");
        let manages = matches!(role, Role::Owner | Role::Admin);
        for part in ["ada@new.example", "Invite a person", "Manage", "Resend", "Revoke"] {
            assert_eq!(text.contains(part), manages, "{role}: {part}");
        }
        assert_eq!(text.contains("value=\"owner\""), role == Role::Owner || text.contains("filter-role"), "{role}");
    }
    let visitor = app.visitor().get("/team").await;
    assert_eq!((visitor.status, visitor.location()), (StatusCode::FOUND, "/signin?next=%2Fteam"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn list_is_searched_by_name_address_and_role() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let people = async |query| emails(&list(&owner, query).await["members"]);
    assert_eq!(people("query[q]=DEVELOPER%40").await, ["developer@acme.example"]);
    assert_eq!(people("query[q]=billing+of").await, ["billing@acme.example"]);
    assert_eq!(people("query[role]=admin").await, ["admin@acme.example"]);
    for nobody in ["query[q]=%25", "query[q]=_", "query[q]=%5C", "query[q]=%27%3B--"] {
        assert!(people(nobody).await.is_empty(), "{nobody}: signs have no meaning but their own");
    }
    assert_eq!(people("query[role]=nonsense&query[page]=nonsense").await.len(), 5);
    assert!(owner.get("/team?q=nobody").await.text().contains("Nobody matches"));
    let clear = async |page| owner.get(page).await.text().matches("Clear filters").count();
    assert_eq!((clear("/team").await, clear("/team?q=ad").await, clear("/team?q=nobody").await), (0, 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_people_come_in_pages() {
    let app = TestApp::start().await;
    sqlx::raw_sql(
        "INSERT INTO users (user_id, email, name, created_at, updated_at)
         SELECT gen_random_uuid(), 'p' || n || '@big.example', 'Person ' || to_char(n, 'FM000'), now(), now() FROM generate_series(1, 495) n",
    )
    .execute(app.db())
    .await
    .unwrap();
    sqlx::query("INSERT INTO memberships (customer_id, user_id, role, created_at) SELECT $1, user_id, 'member', now() FROM users WHERE email LIKE '%@big.example'")
        .bind(app.customer())
        .execute(app.db())
        .await
        .unwrap();
    let owner = app.owner().await;
    let first = list(&owner, "").await;
    assert_eq!((first["members"]["total"].clone(), emails(&first["members"]).len()), (500.into(), 25));
    assert_eq!(emails(&list(&owner, "query[page]=20").await["members"]).len(), 25);
    assert!(emails(&list(&owner, "query[page]=21").await["members"]).is_empty());
    let page = owner.get("/team?q=person&page=2").await.text();
    assert!(page.contains("495 people found") && page.contains("26–50 of 495"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_invitations_that_is_gone_shows_the_last_one() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for n in 0..11 {
        invite(&owner, &format!("p{n}@new.example"), "member").await;
        app.advance(Duration::seconds(1));
    }
    let of_page = async |number| list(&owner, &format!("query[invitations]={number}")).await["invitations"].clone();
    let second = of_page(2).await;
    assert_eq!((emails(&second), &second["total"]), (vec!["p0@new.example".to_owned()], &11.into()));
    assert_eq!(of_page(9).await, second);
    let last = second["rows"][0]["invitation_id"].as_str().unwrap();
    assert_eq!(owner.call("/api/team/revoke", &[("form[invitation]", last)]).await.status, StatusCode::OK);
    let page = owner.get("/team?invitations=2").await.text();
    assert!(page.contains("p10@new.example") && page.contains("p1@new.example") && !page.contains("Newer invitations"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stranger_sees_nothing_of_acme() {
    let app = TestApp::start().await;
    invite(&app.owner().await, "ada@new.example", "member").await;
    let stranger = app.stranger().await;
    for path in ["/team", "/team?q=acme", "/team?invitations=1"] {
        let text = stranger.get(path).await.text();
        assert!(!text.contains("@acme.example") && !text.contains("ada@new.example"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn names_are_text_and_nothing_else() {
    let app = TestApp::start().await;
    let user = app.insert_person("eve@acme.example", "</title><script>alert(1)</script>").await;
    app.insert_membership(app.customer(), user, Role::Member).await;
    let owner = app.owner().await;
    for path in ["/team".to_owned(), format!("/team/{user}")] {
        let text = owner.get(&path).await.text();
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script>alert"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn table_of_roles_says_what_the_guards_do() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let page = app.person(role).await.get("/team/roles").await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        let mut heads = vec!["Permission".to_owned()];
        heads.extend(Role::ALL.map(|other| if other == role { format!("{other} (your role)") } else { other.label().to_owned() }));
        assert_eq!(page.texts("thead th"), heads);
        assert_eq!(page.texts("tbody th"), Permission::ALL.map(|permission| permission.sentence().to_owned()));
        let expected: Vec<&str> = Permission::ALL
            .into_iter()
            .flat_map(|permission| Role::ALL.map(|role| if role.can(permission) { "Yes" } else { "No" }))
            .collect();
        assert_eq!(page.texts("tbody td .team-may"), expected, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_refused_is_led_to_the_table_of_roles() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for page in ["/keys", "/billing", "/api/portal/invoices/11111111-1111-7111-8111-111111111111/download"] {
        let refused = member.get(page).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
        assert!(refused.text().contains("href=\"/team/roles\""), "{page}");
    }
    assert!(app.owner().await.get("/team").await.text().contains("href=\"/team/roles\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dialog_has_a_way_out_without_javascript() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let ways_out = |page: &crate::server::testing::Answer| {
        let selector = scraper::Selector::parse("dialog a.without-script").unwrap();
        let hrefs: std::collections::BTreeSet<String> =
            page.html().select(&selector).map(|link| link.attr("href").unwrap().to_owned()).collect();
        hrefs.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(ways_out(&owner.get("/team?open=invite").await), ["/team"]);
    assert_eq!(ways_out(&owner.get("/team?q=acme&open=invite&page=1").await), ["/team?q=acme&page=1"]);
    let form = [("form[email]", "member@acme.example"), ("form[role]", "member")];
    let refused = owner.submit("/api/team/invite", &form, "/team?open=invite").await;
    let page = owner.follow(&refused).await;
    assert!(page.text().contains("is already on the team"));
    assert_eq!(ways_out(&page), ["/team"], "the error is not kept");
}
