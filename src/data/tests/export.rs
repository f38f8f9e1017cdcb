//! Taking everything along.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::*;

fn unpack(answer: &Answer) -> ZipArchive<Cursor<Vec<u8>>> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    ZipArchive::new(Cursor::new(answer.body.clone())).unwrap()
}

fn file(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut content = vec![];
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_takes_everything_along() {
    let app = TestApp::start().await;
    Ids::of_acme(&app).await;
    let answer = export(&app.owner().await).await;
    assert_eq!(answer.headers["content-type"], "application/zip");
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"foyer-export-2026-11-23.zip\"");
    assert!(!answer.headers.contains_key("content-encoding"));
    let mut archive = unpack(&answer);
    for section in &SECTIONS {
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&file(&mut archive, &format!("{}.json", section.name))).unwrap();
        let csv = String::from_utf8(file(&mut archive, &format!("{}.csv", section.name))).unwrap();
        assert!(csv.starts_with(&format!("{}\r\n", section.columns.join(","))), "{}", section.name);
        for row in &rows {
            let mut columns: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
            let mut expected = section.columns.to_vec();
            columns.sort_unstable();
            expected.sort_unstable();
            assert_eq!(columns, expected, "{}", section.name);
        }
        let filled = !matches!(section.name, "usage" | "trail");
        assert_eq!(!rows.is_empty(), filled, "{}", section.name);
    }
    assert!(file(&mut archive, "invoices/invoice-ACME-1.pdf").starts_with(b"%PDF"));
    let manifest: serde_json::Value = serde_json::from_slice(&file(&mut archive, "manifest.json")).unwrap();
    assert_eq!((manifest["customer"].as_str(), manifest["exported_by"].as_str()), (Some("Acme"), Some("owner@acme.example")));
    assert_eq!(manifest["invoices_without_pdf"], serde_json::json!([]));
    assert_eq!(app.audit_kinds(app.customer()).await, ["data.exported"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn export_holds_no_hash_and_nothing_of_others() {
    let app = TestApp::start().await;
    Ids::of_acme(&app).await;
    let hashes: Vec<String> = sqlx::query_scalar(
        "SELECT encode(lookup_hash, 'hex') FROM api_keys UNION SELECT encode(token_hash, 'hex') FROM invitations
         UNION SELECT password_hash FROM users",
    )
    .fetch_all(app.db())
    .await
    .unwrap();
    let mut archive = unpack(&export(&app.owner().await).await);
    for index in 0..archive.len() {
        let mut content = vec![];
        archive.by_index(index).unwrap().read_to_end(&mut content).unwrap();
        let text = String::from_utf8_lossy(&content);
        assert!(!hashes.iter().any(|hash| text.contains(hash.as_str())) && !text.to_lowercase().contains("stranger"));
    }
    let mut archive = unpack(&export(&app.stranger().await).await);
    for index in 0..archive.len() {
        let mut content = vec![];
        archive.by_index(index).unwrap().read_to_end(&mut content).unwrap();
        assert!(!String::from_utf8_lossy(&content).to_lowercase().contains("acme"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_table_of_a_customer_is_exported_or_left_out_on_purpose() {
    /// What says nothing that another table does not: derived, on its way out, told by the trail, or about the export itself.
    const LEFT_OUT: [&str; 7] = ["audit_heads", "outbox", "portal_sessions", "sso_removals", "sso_signins", "usage_snapshots", "closures"];
    let app = TestApp::start().await;
    let renamed = [("customers", "account"), ("memberships", "people"), ("usage_daily", "usage"), ("audit_events", "trail")];
    for table in tenant_tables(&app).await {
        let name = renamed.iter().find(|(from, _)| *from == table).map_or(table.as_str(), |(_, to)| to);
        let exported = SECTIONS.iter().any(|section| section.name == name);
        assert_ne!(exported, LEFT_OUT.contains(&table.as_str()), "{table}: name it in sections.rs or here");
    }
    for section in &SECTIONS {
        let documented = include_str!("../../../docs/export.md");
        let columns = section.columns.iter().all(|column| documented.contains(&format!("`{column}`")));
        assert!(columns && documented.contains(&format!("| `{}` |", section.name)), "{}", section.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_owners_export_and_delete() {
    let app = TestApp::start().await;
    for role in [Role::Admin, Role::Billing, Role::Developer, Role::Member] {
        let person = app.person(role).await;
        assert_eq!(export(&person).await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(close(&person, "Acme").await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(person.get("/account/data").await.status, StatusCode::FORBIDDEN, "{role}");
        assert!(!person.get("/account").await.text().contains("/account/data"), "{role}");
    }
    assert_eq!(export(&app.visitor()).await.status, StatusCode::UNAUTHORIZED);
    assert!(app.owner().await.get("/account").await.text().contains("/account/data"));
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_invoices_stream_one_after_the_other() {
    let app = TestApp::start().await;
    sqlx::query(
        "INSERT INTO invoices (invoice_id, customer_id, number, status, currency, net, vat, total, buyer_name, issued_on, due_on, period_start, period_end, created_at)
         SELECT gen_random_uuid(), $1, 'N/' || n, 'open', 'USD', 9900, 0, 9900, 'Acme', date '2026-01-01' + n % 300, '2026-12-01', '2026-01-01', '2026-01-31', now()
           FROM generate_series(1, 120) n",
    )
    .bind(app.customer())
    .execute(app.db())
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO invoice_lines (invoice_id, position, customer_id, description, quantity, unit_price, net, vat_rate_basis_points)
         SELECT invoice_id, 1, customer_id, 'Pro plan', 1, 9900, 9900, 0 FROM invoices",
    )
    .execute(app.db())
    .await
    .unwrap();
    let mut archive = unpack(&export(&app.owner().await).await);
    let documents = archive.file_names().filter(|name| name.starts_with("invoices/")).count();
    assert_eq!(documents, 120, "each in a file of its own, although a slash cannot stand in a file name");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&file(&mut archive, "invoices.json")).unwrap();
    assert_eq!(rows.len(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reader_that_goes_away_frees_the_turn() {
    let app = TestApp::start().await;
    let turns = app.state().exporting.available_permits();
    sqlx::query(
        "INSERT INTO tickets (ticket_id, customer_id, subject, status, created_at, updated_at)
         SELECT 'ticket-' || lpad(to_hex(n), 12, '0'), $1, md5(n::text) || md5((n + 1)::text), 'open', now(), now() FROM generate_series(1, 40000) n",
    )
    .bind(app.customer())
    .execute(app.db())
    .await
    .unwrap();
    let owner = app.owner().await;
    let first = owner.open("/api/data/export").await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = export(&app.owner().await).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "one at a time for each customer");
    drop(first);
    for _ in 0..100 {
        if app.state().exporting.available_permits() == turns {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(app.state().exporting.available_permits(), turns);
}
