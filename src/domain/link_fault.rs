//! Why a link fails, as far as it decides what the user can do about it.

/// What stands between us and the exchange. None of it is the fault of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The exchange does not serve the region of this address.
    Region,
    /// The network before the exchange (a CDN) blocks this address.
    Blocked,
    /// It limits this address for a while.
    Limited,
    /// A web page of something else answers, such as the sign-in of a network.
    Page,
    /// Something else answers, and cannot show the exchange's certificate.
    Certificate,
    /// The name of the exchange is not resolved.
    Names,
    /// The proxy that the user set fails.
    Proxy,
}

impl Obstacle {
    /// Returns whether it shows in a response; the others keep a connection from being made.
    pub const fn is_page(self) -> bool {
        match self {
            Self::Region | Self::Blocked | Self::Limited | Self::Page => true,
            Self::Certificate | Self::Names | Self::Proxy => false,
        }
    }

    /// Returns what the user can do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Region | Self::Blocked => {
                "use another network or a proxy (network.proxy); the key is not at fault"
            }
            Self::Limited => {
                "wait, or use another network or a proxy (network.proxy); the key is not at fault"
            }
            Self::Page => {
                "sign in to this network with a browser, or use another network or a proxy"
            }
            Self::Certificate => {
                "something in this network answers in the exchange's place: sign in to it with a browser, or use another network or a proxy; where TLS is inspected, set exchange.extra_ca_file"
            }
            Self::Names => "check this machine's name server, or use another network",
            Self::Proxy => "check the proxy, and network.proxy or HTTPS_PROXY which names it",
        }
    }
}

/// Why a link failed, recorded where the failure happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// It is known what stands in the way.
    Obstacle(Obstacle),
    /// No address of the exchange accepts a connection.
    Unreachable,
    /// TLS could not be established, and not for the certificate.
    Handshake,
    /// A connection did not become a WebSocket in time.
    Upgrade,
    /// A step did not end in time.
    Slow,
    /// The stream is open, and nobody answers on it.
    Silent,
    /// The connection ended; why is not known.
    Cut,
    /// The exchange answers that it cannot serve now.
    Unavailable,
    /// The exchange has nothing at this address.
    Address,
    /// Something answers that is not the exchange.
    Stranger,
    /// Too many requests or messages.
    Crowded,
    /// The key or the login is refused.
    Key,
    /// A request, a response or a task was wrong: a bug of the program.
    OwnBug,
}

impl LinkFault {
    /// Returns what stands in the way; `None` where that is not known.
    pub const fn obstacle(self) -> Option<Obstacle> {
        if let Self::Obstacle(obstacle) = self { Some(obstacle) } else { None }
    }

    /// Returns what the user can do about it. The program retries by itself.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Obstacle(obstacle) => obstacle.remedy(),
            Self::Unreachable => {
                "a firewall may block the port; check exchange.rest_url and exchange.ws_url"
            }
            Self::Handshake => {
                "something between breaks TLS: use another network; where TLS is inspected, set exchange.extra_ca_file"
            }
            Self::Upgrade => "a proxy between may not pass WebSocket: use another network",
            Self::Slow => {
                "the link is slow or loses packets: use another network, or raise exchange.request_timeout"
            }
            Self::Silent => {
                "the exchange, or something in its place, is silent: wait, or use another network"
            }
            Self::Cut => "a firewall, a VPN or a proxy may end connections: use another network",
            Self::Unavailable => "wait; if it lasts, see the exchange's status page",
            Self::Address => {
                "check exchange.rest_url and exchange.ws_url: they must be origins of the exchange"
            }
            Self::Stranger => {
                "something between answers in place of the exchange: use another network"
            }
            Self::Crowded => {
                "stop other programs that use this key or address, or slow down [refresh]"
            }
            Self::Key => "see what is said of the key",
            Self::OwnBug => "wait; if it lasts, report it as a bug",
        }
    }
}

impl From<Obstacle> for LinkFault {
    fn from(obstacle: Obstacle) -> Self {
        Self::Obstacle(obstacle)
    }
}
