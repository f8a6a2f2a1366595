//! Where a policy server is.

use std::fmt;

use crate::EndpointError;

/// Host and port of a policy server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Endpoint {
    /// Reads `SCHEME://HOST:PORT`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// The text is something else.
    ///
    /// ```
    /// let endpoint = ergon_bridge::Endpoint::parse("openpi", "openpi://[::1]:8000").unwrap();
    /// assert_eq!((endpoint.host.as_str(), endpoint.port), ("::1", 8000));
    /// ```
    pub fn parse(scheme: &'static str, text: &str) -> Result<Self, EndpointError> {
        let error = |problem| EndpointError { text: text.to_owned(), scheme, problem };
        let rest = text
            .strip_prefix(scheme)
            .and_then(|rest| rest.strip_prefix("://"))
            .ok_or_else(|| error("it begins with something else"))?;
        let (host, port) = rest.rsplit_once(':').ok_or_else(|| error("it has no port"))?;
        let port = port.parse().ok().filter(|&port| port > 0);
        let port = port.ok_or_else(|| error("the port is no number from 1 to 65535"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        let address = bare.is_some() && host.parse::<std::net::Ipv6Addr>().is_ok();
        let name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if host.is_empty() || !(address || bare.is_none() && host.chars().all(name)) {
            return Err(error("the host is neither a name nor an address (IPv6 in brackets)"));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_read_back_and_others_say_what_is_wrong() {
        for good in ["127.0.0.1:8000", "gpu-3.lab_a:1", "[::1]:65535"] {
            let endpoint = Endpoint::parse("openpi", &format!("openpi://{good}")).unwrap();
            assert_eq!(endpoint.to_string(), good);
        }
        for (bad, part) in [
            ("http://a:1", "begins"),
            ("openpi:a:1", "begins"),
            ("openpi://a", "no port"),
            ("openpi://a:0", "65535"),
            ("openpi://a:70000", "65535"),
            ("openpi://:80", "neither"),
            ("openpi://::1:80", "neither"),
            ("openpi://[a]:80", "neither"),
            ("openpi://a/b:80", "neither"),
            ("openpi://a b:80", "neither"),
        ] {
            let error = Endpoint::parse("openpi", bad).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("openpi://HOST:PORT"), "{error}");
        }
    }
}
