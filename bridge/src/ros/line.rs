//! An action with one goal at a time that counts, from either end, polled.

use std::collections::VecDeque;
use std::time::Duration;

use ros2_client::action::{GetResultResponse, SendGoalResponse};
use ros2_client::action_msgs::{
    CancelGoalRequest, CancelGoalResponse, CancelGoalResponseEnum, GoalId, GoalInfo, GoalStatus,
    GoalStatusArray, GoalStatusEnum,
};
use ros2_client::{ActionClient, ActionServer, Message, RmwRequestId, builtin_interfaces};

use crate::robot::Progress;

/// How long a server may take to say whether it accepts.
const ANSWER: Duration = Duration::from_secs(1);
/// How many goals of one's own are remembered, to tell them from others'.
const OWN_GOALS: usize = 256;
/// The most messages that are read of a topic at once: what floods waits for the next time.
const MOST_AT_ONCE: usize = 64;

enum State {
    Idle,
    Asked { request: RmwRequestId, goal: GoalId, at: Duration },
    Running { result: Option<RmwRequestId>, goal: GoalId },
    Ended(Progress),
}

/// The client's end.
pub(crate) struct Line<G, R, F>
where
    G: Message + Clone + 'static,
    R: Message + Clone + 'static,
    F: Message + 'static,
{
    client: ActionClient<G, R, F>,
    state: State,
    own: VecDeque<GoalId>,
    other: Option<String>,
    verdict: fn(&R) -> Result<(), String>,
}

impl<G, R, F> Line<G, R, F>
where
    G: Message + Clone + 'static,
    R: Message + Clone + 'static,
    F: Message + 'static,
{
    /// `verdict` says what a result that is called a success means.
    pub(crate) fn new(
        client: ActionClient<G, R, F>,
        verdict: fn(&R) -> Result<(), String>,
    ) -> Self {
        Self { client, state: State::Idle, own: VecDeque::new(), other: None, verdict }
    }

    pub(crate) fn client(&self) -> &ActionClient<G, R, F> {
        &self.client
    }

    /// Sends a goal; any other is no longer of interest.
    pub(crate) fn send(&mut self, goal: G, now: Duration) {
        self.state = match self.client.send_goal(goal) {
            Ok((request, goal)) => {
                self.own.push_back(goal);
                if self.own.len() > OWN_GOALS {
                    self.own.pop_front();
                }
                State::Asked { request, goal, at: now }
            }
            Err(e) => State::Ended(Progress::Failed(format!("the goal cannot be sent: {e:?}"))),
        };
    }

    /// Calls the goal off, if one is under way.
    pub(crate) fn cancel(&mut self) {
        if let State::Asked { goal, .. } | State::Running { goal, .. } = &self.state {
            // Whether it arrives is seen by what the arm does.
            let _sent = self.client.cancel_goal(*goal);
        }
        self.state = State::Idle;
    }

    /// Calls every goal off, whoever sent it.
    pub(crate) fn cancel_all(&mut self) {
        let _sent = self.client.cancel_all_goals();
        self.state = State::Idle;
    }

    /// Whose goal other than one's own is under way.
    pub(crate) fn other(&self) -> Option<&String> {
        self.other.as_ref()
    }

    /// Reads what came in.
    pub(crate) fn poll(&mut self, now: Duration) {
        self.read_status();
        if let State::Asked { request, goal, at } = self.state {
            match self.client.receive_goal_response(request) {
                Ok(Some(SendGoalResponse { accepted: true, .. })) => {
                    let result = self.client.request_result(goal).ok();
                    self.state = State::Running { result, goal };
                }
                Ok(Some(_)) => self.fail("the controller rejected the motion"),
                Ok(None) | Err(_) if now.saturating_sub(at) > ANSWER => {
                    self.fail("the controller does not answer");
                }
                Ok(None) | Err(_) => {}
            }
        }
        if let State::Running { result: Some(request), .. } = self.state
            && let Ok(Some((status, result))) = self.client.receive_result(request)
        {
            self.state = State::Ended(match (status, (self.verdict)(&result)) {
                (GoalStatusEnum::Succeeded, Ok(())) => Progress::Done,
                (GoalStatusEnum::Succeeded, Err(why)) => Progress::Failed(why),
                (status, why) => {
                    let why = why.err().map_or(String::new(), |why| format!(": {why}"));
                    let word =
                        if status == GoalStatusEnum::Canceled { "cancelled" } else { "aborted" };
                    Progress::Failed(format!("the controller {word} the motion{why}"))
                }
            });
        }
    }

    fn fail(&mut self, why: &str) {
        self.state = State::Ended(Progress::Failed(why.to_owned()));
    }

    fn read_status(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let Ok(Some(statuses)) = self.client.receive_status() else { return };
            let active = |s: &&GoalStatus| {
                use GoalStatusEnum::{Accepted, Executing};
                matches!(s.status, Accepted | Executing) && !self.own.contains(&s.goal_info.goal_id)
            };
            let other = statuses.status_list.iter().find(active);
            self.other = other.map(|s| format!("another node (goal {:?})", s.goal_info.goal_id));
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        match &self.state {
            State::Idle => Progress::Idle,
            State::Asked { .. } | State::Running { .. } => Progress::Running,
            State::Ended(progress) => progress.clone(),
        }
    }
}

/// How a served goal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    Canceled,
    Aborted,
}

impl From<End> for GoalStatusEnum {
    fn from(end: End) -> Self {
        match end {
            End::Succeeded => Self::Succeeded,
            End::Canceled => Self::Canceled,
            End::Aborted => Self::Aborted,
        }
    }
}

/// The server's end: at most one goal is under way, and results are kept for those who ask late.
pub(crate) struct Desk<G, R, F>
where
    G: Message + Clone + 'static,
    R: Message + Clone + 'static,
    F: Message + 'static,
{
    server: ActionServer<G, R, F>,
    current: Option<(GoalId, builtin_interfaces::Time)>,
    results: VecDeque<(GoalId, builtin_interfaces::Time, GoalStatusEnum, R)>,
    waiting: VecDeque<(GoalId, RmwRequestId)>,
}

/// How many results are kept, and how many questions for results.
const KEPT: usize = 64;

impl<G, R, F> Desk<G, R, F>
where
    G: Message + Clone + 'static,
    R: Message + Clone + 'static,
    F: Message + 'static,
{
    pub(crate) fn new(server: ActionServer<G, R, F>) -> Self {
        Self { server, current: None, results: VecDeque::new(), waiting: VecDeque::new() }
    }

    /// Whether a goal is under way.
    pub(crate) fn busy(&self) -> bool {
        self.current.is_some()
    }

    /// The next goal, if one came in: `accept` says whether it is taken; one that is under way then ends
    /// as aborted with `replaced`.
    pub(crate) fn take(
        &mut self,
        mut accept: impl FnMut(&G) -> bool,
        replaced: impl FnOnce() -> R,
    ) -> Option<G> {
        let (request, sent) = self.server.receive_goal().ok()??;
        let accepted = accept(&sent.goal);
        let stamp = builtin_interfaces::Time::now();
        if accepted {
            if self.busy() {
                self.end(End::Aborted, replaced());
            }
            self.current = Some((sent.goal_id, stamp));
        }
        // A client that is gone needs no answer.
        let _heard = self.server.send_goal_response(request, SendGoalResponse { accepted, stamp });
        self.tell_status();
        accepted.then_some(sent.goal)
    }

    pub(crate) fn feedback(&self, feedback: F) {
        if let Some((goal, _)) = self.current {
            let _heard = self.server.send_feedback(goal, feedback);
        }
    }

    /// Ends the goal under way.
    pub(crate) fn end(&mut self, end: End, result: R) {
        let Some((goal, stamp)) = self.current.take() else { return };
        self.results.push_back((goal, stamp, end.into(), result));
        if self.results.len() > KEPT {
            self.results.pop_front();
        }
        self.tell_status();
        self.answer();
    }

    /// Whether somebody calls the goal under way off; it then shall be ended as cancelled.
    pub(crate) fn called_off(&mut self) -> bool {
        let mut off = false;
        for _ in 0..MOST_AT_ONCE {
            let Ok(Some((request, asked))) = self.server.receive_cancel_request() else { break };
            let meant = self.current.filter(|(goal, _)| is_meant(&asked, *goal));
            let info = |(goal_id, stamp)| GoalInfo { goal_id, stamp };
            let answer = CancelGoalResponse {
                return_code: match meant {
                    Some(_) => CancelGoalResponseEnum::None,
                    None => CancelGoalResponseEnum::UnknownGoal,
                },
                goals_canceling: meant.map(info).into_iter().collect(),
            };
            let _heard = self.server.send_cancel_response(request, answer);
            off |= meant.is_some();
        }
        off
    }

    /// Answers those who asked for results.
    pub(crate) fn answer(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let Ok(Some((request, asked))) = self.server.receive_result_request() else { break };
            self.waiting.push_back((asked.goal_id, request));
            if self.waiting.len() > KEPT {
                self.waiting.pop_front();
            }
        }
        for (goal, request) in std::mem::take(&mut self.waiting) {
            match self.results.iter().find(|(id, ..)| *id == goal) {
                Some((_, _, status, result)) => {
                    let answer = GetResultResponse { status: *status, result: result.clone() };
                    let _heard = self.server.send_result(request, answer);
                }
                None => self.waiting.push_back((goal, request)),
            }
        }
    }

    fn tell_status(&self) {
        let status =
            |goal_id, stamp, status| GoalStatus { goal_info: GoalInfo { goal_id, stamp }, status };
        let ended = self.results.iter().map(|(goal, stamp, end, _)| status(*goal, *stamp, *end));
        let current =
            self.current.map(|(goal, stamp)| status(goal, stamp, GoalStatusEnum::Executing));
        let status_list = ended.chain(current).collect();
        let _heard = self.server.send_goal_statuses(GoalStatusArray { status_list });
    }
}

/// Whether a request to cancel means a goal: its own id, or none for all. The crate shows a request's
/// content only to serialisers.
fn is_meant(request: &CancelGoalRequest, goal: GoalId) -> bool {
    let asked = toml::Value::try_from(request).ok();
    let id =
        asked.as_ref().and_then(|v| v.get("goal_info")?.get("goal_id")?.get("uuid")?.as_array());
    let Some(id) = id else { return false };
    let bytes: Vec<u8> =
        id.iter().filter_map(|b| b.as_integer()).filter_map(|b| u8::try_from(b).ok()).collect();
    bytes.len() == 16 && (bytes.iter().all(|b| *b == 0) || bytes == goal.uuid.as_bytes())
}
