//! Executions for others: Ergon's own action and PlanSys2's, one execution at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::Scope;

use super::agent::{Agent, AgentEvent, Execution, Job, LONGEST_TEXT, start};
use super::line::{Desk, End};
use super::messages::ergon_msgs::{ExecuteFeedback, ExecuteGoal, ExecuteResult};
use super::messages::plansys2_msgs::{ExecutePlanFeedback, ExecutePlanGoal, ExecutePlanResult};
use super::plansys2::{Fates, steps};
use super::wire::{RosError, Wire};
use crate::time::unix_secs;

enum News {
    Event(AgentEvent),
    Ended(Execution),
}

/// What is executed: whatever reaches a goal, or a plan.
enum Wish {
    Goal(String),
    Plan(Vec<String>),
}

/// Both actions.
pub(super) struct Executor {
    own: Desk<ExecuteGoal, ExecuteResult, ExecuteFeedback>,
    plansys2: Desk<ExecutePlanGoal, ExecutePlanResult, ExecutePlanFeedback>,
    fates: Fates,
    job: Option<Job<News>>,
}

impl From<&Execution> for End {
    fn from(execution: &Execution) -> Self {
        match execution.outcome.as_str() {
            "solved" => Self::Succeeded,
            "cancelled" => Self::Canceled,
            _ => Self::Aborted,
        }
    }
}

/// Carries a wish out and sends news of it.
fn carry_out(agent: &dyn Agent, wish: &Wish, news: &Sender<News>, stop: &AtomicBool) {
    // The node may have ended.
    let mut tell = |event| {
        let _heard = news.send(News::Event(event));
    };
    let execution = match wish {
        Wish::Goal(goal) => agent.execute(goal, &mut tell, stop),
        Wish::Plan(plan) => agent.execute_plan(plan, &mut tell, stop),
    };
    let _heard = news.send(News::Ended(execution));
}

impl Executor {
    pub(super) fn open(wire: &mut Wire, full: &dyn Fn(&str) -> String) -> Result<Self, RosError> {
        let own = wire.action_server(&full("ergon/execute"), ("ergon_msgs", "Execute"))?;
        let plansys2 =
            wire.action_server(&full("execute_plan"), ("plansys2_msgs", "ExecutePlan"))?;
        Ok(Self {
            own: Desk::new(own),
            plansys2: Desk::new(plansys2),
            fates: Fates::default(),
            job: None,
        })
    }

    /// Ends what is under way as soon as it can.
    pub(super) fn stop(&self) {
        if let Some(job) = &self.job {
            job.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Takes goals, one at a time, tells of what happens, and answers.
    pub(super) fn serve<'s>(&mut self, scope: &'s Scope<'s, '_>, agent: &'s dyn Agent) {
        if let Some(wish) = self.take() {
            self.fates = Fates::default();
            if let Wish::Plan(plan) = &wish {
                self.fates.begin(plan);
            }
            self.job = Some(start(scope, move |news, stop| carry_out(agent, &wish, news, stop)));
        }
        if self.own.called_off() | self.plansys2.called_off() {
            self.stop();
        }
        self.own.answer();
        self.plansys2.answer();
        // One a tick: clients keep no more than a few of what comes in a burst, as dry executions make it.
        match self.job.as_ref().and_then(|job| job.news.try_recv().ok()) {
            Some(News::Event(event)) => self.tell(event),
            Some(News::Ended(execution)) => self.end(execution),
            None => {}
        }
    }

    fn take(&mut self) -> Option<Wish> {
        let free = self.job.is_none();
        let fits = |goal: &ExecuteGoal| free && goal.goal.len() <= LONGEST_TEXT;
        if let Some(ExecuteGoal { goal }) = self.own.take(fits, ExecuteResult::default) {
            return Some(Wish::Goal(goal));
        }
        let fits = |goal: &ExecutePlanGoal| free && steps(&goal.plan).is_some();
        let taken = self.plansys2.take(fits, ExecutePlanResult::default)?;
        steps(&taken.plan).map(Wish::Plan)
    }

    fn tell(&mut self, event: AgentEvent) {
        if self.plansys2.busy() && self.fates.hear(&event, unix_secs()) {
            let action_execution_status = self.fates.told();
            self.plansys2.feedback(ExecutePlanFeedback { action_execution_status });
        }
        self.own.feedback(ExecuteFeedback {
            event: event.event,
            text: event.text,
            action: event.action,
            step: event.step as i32,
            steps: event.steps as i32,
            time_secs: event.time_secs,
        });
    }

    fn end(&mut self, execution: Execution) {
        let end = End::from(&execution);
        let success = end == End::Succeeded;
        self.fates.end(&execution, unix_secs());
        let action_execution_status = self.fates.told();
        self.plansys2.end(end, ExecutePlanResult { success, action_execution_status });
        self.own.end(
            end,
            ExecuteResult {
                success,
                outcome: execution.outcome,
                error_info: execution.info,
                actions: execution.actions as i32,
                retries: execution.retries as i32,
                replans: execution.replans as i32,
            },
        );
        self.job = None;
    }
}
