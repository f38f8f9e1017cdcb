//! The TXT record that proves who owns a domain.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};

use crate::{
    server::config::Config,
    sso::model::{Domain, RECORD_VALUE},
};

/// One question takes no longer; it is asked twice at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the record of a domain holds the token. Asked anew each time: nothing is remembered.
///
/// # Errors
/// If the name server cannot be reached; that there is no record is an answer.
pub(in crate::sso) async fn find_record(config: &Config, domain: &Domain, token: &str) -> Result<bool, NetError> {
    let resolver = resolver(config.dns_resolver)?;
    // The dot at the end keeps the system's search domains out.
    let answer = match resolver.txt_lookup(format!("{}.", domain.record_name())).await {
        Ok(answer) => answer,
        Err(error) if error.is_no_records_found() => return Ok(false),
        Err(error) => return Err(error),
    };
    let expected = format!("{RECORD_VALUE}{token}");
    Ok(answer.answers().iter().any(|record| match &record.data {
        RData::TXT(text) => text.txt_data.concat() == expected.as_bytes(),
        _ => false,
    }))
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        None => TokioResolver::builder_tokio()?,
        Some(address) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = address.port();
                connection
            });
            let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
            TokioResolver::builder_with_config(ResolverConfig::from_name_servers(vec![server]), TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    options.timeout = PATIENCE;
    options.attempts = 2;
    options.cache_size = 0;
    builder.build()
}
