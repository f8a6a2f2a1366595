//! No text makes the scenario reader panic; what it reads gives finite episodes and reads back from
//! its resolved text.
//!
//! The input is a scenario file; bytes that are not UTF-8 are replaced.
#![no_main]

use ergon_scenarios::Scenario;
use libfuzzer_sys::fuzz_target;

/// Objects and areas above this number take long and reach no new code.
const MANY: usize = 64;

fuzz_target!(|data: &[u8]| {
    let scenario = match Scenario::parse(&String::from_utf8_lossy(data), "fuzz") {
        Ok(scenario) => scenario,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let again = Scenario::parse(&scenario.source, "resolved").expect("a resolved file is one");
    assert_eq!(again, scenario);
    if scenario.objects.len() > MANY || scenario.areas.len() > MANY {
        return;
    }
    for seed in [0, 1, u64::MAX] {
        let instance = scenario.instance(seed);
        assert_eq!(instance, scenario.instance(seed));
        assert!(instance.joint_offsets.iter().all(|x| x.is_finite()));
        assert!(instance.disturbances.iter().all(|d| d.at_secs.is_finite()));
        for body in &instance.bodies {
            assert!(body.object < scenario.objects.len());
            assert!(body.pose.translation.vector.iter().all(|x| x.is_finite()));
            assert!(body.pose.rotation.coords.iter().all(|x| x.is_finite()));
        }
    }
});
