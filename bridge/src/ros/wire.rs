//! A ROS node with its topics, services and actions.

use std::net::{IpAddr, Ipv4Addr};
use std::thread::JoinHandle;

use ros2_client::action::{ActionClientQosPolicies, ActionServerQosPolicies};
use ros2_client::qos::{Durability, History, WhenFull};
use ros2_client::{
    ActionClient, ActionServer, ActionTypeName, Context, Message, MessageTypeName, Name, Node,
    NodeName, NodeOptions, Publisher, QosProfile, Server, ServiceMapping, ServiceTypeName,
    Subscription,
};
use thiserror::Error;

use crate::robot::{Network, RosFile};

/// Bytes of the receive buffer; pictures come in many packets.
const RECEIVE_BUFFER: usize = 4 << 20;
/// The most messages that are read of a topic at once: what floods waits for the next time.
pub(super) const MOST_AT_ONCE: usize = 256;

/// Why something of ROS cannot be had.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what}: {why}")]
pub struct RosError {
    /// What was wanted.
    pub what: String,
    /// What the middleware says.
    pub why: String,
}

impl RosError {
    pub(crate) fn new(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { what: what.into(), why: why.to_string() }
    }
}

type Result<T> = std::result::Result<T, RosError>;

/// A node and what keeps it in the graph.
pub struct Wire {
    node: Node,
    context: Context,
    spinner: Option<JoinHandle<()>>,
}

/// Reliable, the last `depth` kept, nothing for those who come late.
pub(crate) fn reliable(depth: usize) -> QosProfile {
    QosProfile::publisher_default()
        .reliability_reliable(WhenFull::DEFAULT)
        .durability(Durability::Volatile)
        .history(History::KeepLast { depth })
}

/// As [`reliable`], and the last one is there for those who come late.
pub(crate) fn latched() -> QosProfile {
    reliable(1).durability(Durability::TransientLocal)
}

/// What any publisher can be heard with: a reliable reader hears no publisher that makes no effort.
pub(crate) fn best_effort(depth: usize) -> QosProfile {
    QosProfile::subscription_default().history(History::KeepLast { depth })
}

fn name(text: &str) -> Result<Name> {
    Name::parse(text).map_err(|e| RosError::new(format!("the ROS name {text:?}"), format!("{e:?}")))
}

impl Wire {
    /// A node of this name in the domain and the namespace of a robot file.
    ///
    /// # Errors
    /// The network cannot be used, or the names are none.
    pub fn open(ros: &RosFile, called: &str) -> Result<Self> {
        let failed = |why: String| RosError::new(format!("the ROS node {called}"), why);
        let mut builder = rustdds::DomainParticipantBuilder::new(ros.domain)
            .socket_receive_buffer_size(RECEIVE_BUFFER);
        if ros.network == Network::Loopback {
            builder = builder.with_only_networks([IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let participant = builder.build().map_err(|e| failed(format!("{e:?}")))?;
        let context =
            Context::from_domain_participant(participant).map_err(|e| failed(format!("{e:?}")))?;
        let space = format!("/{}", ros.namespace.trim_matches('/'));
        let node_name = NodeName::new(&space, called).map_err(|e| failed(format!("{e:?}")))?;
        let mut node = context
            .new_node(node_name, NodeOptions::new().enable_rosout(true))
            .map_err(|e| failed(format!("{e:?}")))?;
        let spinner = node.spinner().map_err(|e| failed(format!("{e:?}")))?;
        let spin = move || {
            // It ends when the node does; there is nobody to tell how.
            let _ended = smol::block_on(spinner.spin());
        };
        let spinner = std::thread::Builder::new().name("ros-graph".into()).spawn(spin);
        let spinner = Some(spinner.map_err(|e| failed(e.to_string()))?);
        Ok(Self { node, context, spinner })
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// Names and types, as DDS has them, of what others write: topics, services and actions.
    pub(crate) fn topics(&self) -> Vec<(String, String)> {
        let writers = self.context.domain_participant().discovered_writers();
        let of = |w: &rustdds::discovery::DiscoveredWriterData| {
            let data = &w.publication_topic_data;
            (data.topic_name.clone(), data.type_name.clone())
        };
        writers.iter().map(of).collect()
    }

    pub(crate) fn publisher<M: Message>(
        &mut self,
        topic: &str,
        (package, kind): (&str, &str),
        qos: QosProfile,
    ) -> Result<Publisher<M>> {
        let failed = |e| RosError::new(format!("publishing {topic}"), format!("{e:?}"));
        let topic =
            self.node.create_topic(&name(topic)?, MessageTypeName::new(package, kind), &qos);
        self.node.create_publisher(&topic.map_err(failed)?, Some(qos)).map_err(failed)
    }

    pub(crate) fn subscription<M: Message + 'static>(
        &mut self,
        topic: &str,
        (package, kind): (&str, &str),
        qos: QosProfile,
    ) -> Result<Subscription<M>> {
        let failed = |e| RosError::new(format!("subscribing {topic}"), format!("{e:?}"));
        let topic =
            self.node.create_topic(&name(topic)?, MessageTypeName::new(package, kind), &qos);
        self.node.create_subscription(&topic.map_err(failed)?, Some(qos)).map_err(failed)
    }

    pub(crate) fn server<Q, A>(
        &mut self,
        service: &str,
        (package, kind): (&str, &str),
    ) -> Result<Server<Q, A>>
    where
        Q: Message + Clone + 'static,
        A: Message + 'static,
    {
        let (mapping, kind) = (ServiceMapping::Enhanced, ServiceTypeName::new(package, kind));
        self.node
            .create_server(mapping, &name(service)?, &kind, reliable(10), reliable(10))
            .map_err(|e| RosError::new(format!("serving {service}"), format!("{e:?}")))
    }

    pub(crate) fn action_client<G, R, F>(
        &mut self,
        action: &str,
        (package, kind): (&str, &str),
    ) -> Result<ActionClient<G, R, F>>
    where
        G: Message + Clone + 'static,
        R: Message + Clone + 'static,
        F: Message + 'static,
    {
        let qos = ActionClientQosPolicies {
            goal_service: reliable(10),
            result_service: reliable(10),
            cancel_service: reliable(10),
            feedback_subscription: reliable(10),
            status_subscription: latched(),
        };
        let kind = ActionTypeName::new(package, kind);
        self.node
            .create_action_client(ServiceMapping::Enhanced, &name(action)?, &kind, qos)
            .map_err(|e| RosError::new(format!("the action {action}"), format!("{e:?}")))
    }

    pub(crate) fn action_server<G, R, F>(
        &mut self,
        action: &str,
        (package, kind): (&str, &str),
    ) -> Result<ActionServer<G, R, F>>
    where
        G: Message + Clone + 'static,
        R: Message + Clone + 'static,
        F: Message + 'static,
    {
        let qos = ActionServerQosPolicies {
            goal_service: reliable(10),
            result_service: reliable(10),
            cancel_service: reliable(10),
            feedback_publisher: reliable(10),
            status_publisher: latched(),
        };
        let kind = ActionTypeName::new(package, kind);
        self.node
            .create_action_server(ServiceMapping::Enhanced, &name(action)?, &kind, qos)
            .map_err(|e| RosError::new(format!("the action {action}"), format!("{e:?}")))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.node.stop_spinner();
        if let Some(spinner) = self.spinner.take() {
            // A spinner that panicked has said so.
            let _ended = spinner.join();
        }
    }
}
