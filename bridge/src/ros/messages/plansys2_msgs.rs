//! `plansys2_msgs`, as far as a plan solver answers them.

use super::{messages, std_msgs::Empty};

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
}
