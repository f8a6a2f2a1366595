//! `plansys2_msgs` of PlanSys2 2.x, as far as Ergon answers them.

use super::{Time, messages, std_msgs::Empty};

messages! {
    pub struct PlanItem { time: f32, action: String, duration: f32 }
    pub struct Plan { items: Vec<PlanItem> }
    pub struct GetPlanRequest { domain: String, problem: String }
    pub struct GetPlanResponse { success: bool, plan: Plan, error_info: String }
    pub struct ValidateDomainRequest { domain: String }
    pub struct ValidateDomainResponse { success: bool, error_info: String }
    pub struct GetDomainRequest { request: Empty }
    pub struct GetDomainResponse { success: bool, domain: String, error_info: String }
    pub struct GetProblemRequest { request: Empty }
    pub struct GetProblemResponse { success: bool, problem: String, error_info: String }
    pub struct Param { name: String, r#type: String, sub_types: Vec<String> }
    /// A part of a formula; which parts it has are the indices of nodes.
    pub struct Node {
        node_type: u8,
        expression_type: u8,
        modifier_type: u8,
        node_id: u32,
        children: Vec<u32>,
        name: String,
        parameters: Vec<Param>,
        value: f64,
        negate: bool,
    }
    /// A formula; its first node is the whole.
    pub struct Tree { nodes: Vec<Node> }
    pub struct GetProblemGoalRequest { request: Empty }
    pub struct GetProblemGoalResponse { success: bool, tree: Tree, error_info: String }
    pub struct AddProblemGoalRequest { tree: Tree }
    pub struct AddProblemGoalResponse { success: bool, error_info: String }
    pub struct GetProblemInstancesRequest { request: Empty }
    pub struct GetProblemInstancesResponse {
        success: bool,
        instances: Vec<Param>,
        error_info: String,
    }
    pub struct GetStatesRequest { request: Empty }
    pub struct GetStatesResponse { success: bool, states: Vec<Node>, error_info: String }
    pub struct ActionExecutionInfo {
        status: i8,
        start_stamp: Time,
        status_stamp: Time,
        action_full_name: String,
        action: String,
        arguments: Vec<String>,
        duration: Time,
        completion: f32,
        message_status: String,
    }
    pub struct ExecutePlanGoal { plan: Plan }
    pub struct ExecutePlanResult {
        success: bool,
        action_execution_status: Vec<ActionExecutionInfo>,
    }
    pub struct ExecutePlanFeedback { action_execution_status: Vec<ActionExecutionInfo> }
}

/// `Node`: all of its children.
pub const AND: u8 = 1;
/// `Node`: not its child.
pub const NOT: u8 = 3;
/// `Node`: an atom.
pub const PREDICATE: u8 = 5;

/// `ActionExecutionInfo`: it has not begun.
pub const NOT_EXECUTED: i8 = 1;
/// `ActionExecutionInfo`: it is under way.
pub const EXECUTING: i8 = 2;
/// `ActionExecutionInfo`: it ended without its effects.
pub const FAILED: i8 = 3;
/// `ActionExecutionInfo`: it ended with its effects.
pub const SUCCEEDED: i8 = 4;
/// `ActionExecutionInfo`: it was called off.
pub const CANCELLED: i8 = 5;
