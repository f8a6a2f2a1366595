//! `ergon_msgs`: the definitions are in `bridge/interfaces/`.

use super::{messages, std_msgs::Empty};

messages! {
    pub struct ExecuteGoal { goal: String }
    pub struct ExecuteResult {
        success: bool,
        outcome: String,
        error_info: String,
        actions: i32,
        retries: i32,
        replans: i32,
    }
    pub struct ExecuteFeedback {
        event: String,
        text: String,
        action: String,
        step: i32,
        steps: i32,
        time_secs: f64,
    }
    pub struct MakePlanGoal { domain: String, problem: String, time_secs: f64 }
    pub struct MakePlanResult {
        success: bool,
        plan: Vec<String>,
        cost: f64,
        optimal: bool,
        error_info: String,
    }
    pub struct MakePlanFeedback { plan: Vec<String>, cost: f64, time_secs: f64 }
    pub struct GetFactsRequest { request: Empty }
    pub struct GetFactsResponse {
        success: bool,
        facts: Vec<String>,
        unknown: Vec<String>,
        error_info: String,
    }
    pub struct SetGoalRequest { goal: String }
    pub struct SetGoalResponse { success: bool, error_info: String }
    pub struct ValidatePlanRequest { domain: String, problem: String, plan: Vec<String> }
    pub struct ValidatePlanResponse { success: bool, error_info: String }
}
