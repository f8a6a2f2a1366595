//! How a peer names and measures what the robot senses.

use ergon_vocab::{CameraImage, Command, Image, Observation, PolicyError};

use rmpv::ValueRef;

use crate::array::Array;
use crate::resize::{mirror, resize_with_pad};
use crate::{FrameError, Limits, msgpack, picture};

/// What a policy is asked, as it goes over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Pictures under the peer's names.
    pub images: Vec<(String, Image)>,
    /// Tool position (m), its orientation as axis times angle (rad), gripper (m). Shape (3 + 3 + 2).
    pub state: [f32; 8],
    /// The instruction.
    pub prompt: String,
}

/// How a peer names and measures what the robot senses. The defaults change nothing but names and
/// sizes; a policy trained in another simulator needs what it saw there.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Pairs of the peer's name of a picture and the camera in the observation that takes it.
    pub cameras: Vec<(String, String)>,
    /// Rows and columns of the pictures that are sent; smaller ones and larger ones are fitted in with
    /// black around them. None sends them as they are. Pictures that are received are never changed.
    pub side: Option<usize>,
    /// The foot of the arm in the peer's frame, whose axes are those of the base, m. Shape (3,).
    pub base_origin: [f64; 3],
    /// Left and right are exchanged in the peer's pictures, as in LIBERO's, which are turned by half a
    /// turn after they were stored upside down.
    pub mirrored: bool,
    /// The right finger is measured on an axis that points to the left one, as robosuite does.
    pub right_finger_negative: bool,
}

impl Layout {
    /// The names and the size that openpi's LIBERO policies expect.
    pub fn openpi() -> Self {
        let cameras = [("observation/image", "agent"), ("observation/wrist_image", "wrist")];
        Self::of(&cameras, Some(224))
    }

    /// The names of vla-eval's LIBERO benchmark; pictures as they are.
    pub fn vla_eval() -> Self {
        Self::of(&[("agentview", "agent"), ("wrist", "wrist")], None)
    }

    fn of(cameras: &[(&str, &str)], side: Option<usize>) -> Self {
        Self {
            cameras: cameras.iter().map(|&(k, c)| (k.to_owned(), c.to_owned())).collect(),
            side,
            base_origin: [0.0; 3],
            mirrored: false,
            right_finger_negative: false,
        }
    }

    /// What the peer is asked.
    ///
    /// # Errors
    /// The observation lacks a picture, has an empty one, or a number that is not finite.
    pub fn request(
        &self,
        observation: &Observation,
        instruction: &str,
    ) -> Result<Request, PolicyError> {
        if !observation.is_finite() {
            return Err(PolicyError("the observation has a number that is not finite".to_owned()));
        }
        let images = self.cameras.iter().map(|(key, camera)| {
            let taken = observation.images.iter().find(|image| image.camera == *camera);
            let image = taken.ok_or_else(|| {
                PolicyError(format!(
                    "the observation has no picture of camera {camera}; switch it on"
                ))
            })?;
            let image = self.sent(&image.image).map_err(|e| PolicyError(e.to_string()))?;
            Ok((key.clone(), image))
        });
        let position = observation.ee_position.iter().zip(self.base_origin).map(|(x, o)| x + o);
        let [left, right] = observation.finger_positions;
        let fingers = [left, self.right_sign() * right];
        let numbers = position.chain(observation.ee_orientation.iter().copied()).chain(fingers);
        let mut state = [0.0; 8];
        state.iter_mut().zip(numbers).for_each(|(to, from)| *to = from as f32);
        let images = images.collect::<Result<_, PolicyError>>()?;
        Ok(Request { images, state, prompt: instruction.to_owned() })
    }

    /// What a policy here sees of a peer's request. The protocols know neither time nor joints: the
    /// time is that of `step` control steps, and there are no joints. Whether a picture is missing is
    /// for the policy to say.
    pub fn observation(&self, request: Request, step: u64) -> Observation {
        let mut observation = Observation {
            step,
            time_secs: step as f64 / Command::RATE_HZ,
            ..Observation::default()
        };
        let state = request.state.map(f64::from);
        for axis in 0..3 {
            observation.ee_position[axis] = state[axis] - self.base_origin[axis];
            observation.ee_orientation[axis] = state[3 + axis];
        }
        observation.finger_positions = [state[6], self.right_sign() * state[7]];
        for (key, image) in request.images {
            let Some((_, camera)) = self.cameras.iter().find(|(known, _)| *known == key) else {
                continue;
            };
            let image = if self.mirrored { mirror(&image).unwrap_or(image) } else { image };
            observation.images.push(CameraImage { camera: camera.clone(), image });
        }
        observation
    }

    /// Reads the pictures of a map that have names of the layout.
    pub(crate) fn read_images(
        &self,
        map: &ValueRef<'_>,
        limits: &Limits,
    ) -> Result<Vec<(String, Image)>, FrameError> {
        let keys = self.cameras.iter().map(|(key, _)| key);
        let known = keys.filter_map(|key| Some((key, msgpack::find(map, key)?)));
        known.map(|(key, value)| Ok((key.clone(), picture::read(key, value, limits)?))).collect()
    }

    fn right_sign(&self) -> f64 {
        if self.right_finger_negative { -1.0 } else { 1.0 }
    }

    fn sent(&self, image: &Image) -> Result<Image, ergon_vocab::ImageError> {
        let image = if self.mirrored { &mirror(image)? } else { image };
        match self.side {
            Some(side) => resize_with_pad(image, side),
            None => Ok(image.clone()),
        }
    }
}

/// Reads the eight numbers of [`Request::state`].
pub(crate) fn read_state(key: &str, value: &ValueRef<'_>) -> Result<[f32; 8], FrameError> {
    let array = Array::read(key, value)?;
    let error =
        |got| FrameError::entry(key, "8 finite numbers: position, axis-angle, gripper", got);
    if array.shape != [8] {
        return Err(error(array.describe()));
    }
    let mut state = [0.0; 8];
    state.iter_mut().zip(array.values()).for_each(|(to, from)| *to = from as f32);
    if state.iter().all(|x| x.is_finite()) { Ok(state) } else { Err(error(format!("{state:?}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_turns_back_into_the_observation() {
        let layout = Layout {
            side: None,
            base_origin: [-0.5, 0.25, 1.0],
            mirrored: true,
            right_finger_negative: true,
            ..Layout::openpi()
        };
        let mut observation = Observation { step: 3, time_secs: 0.15, ..Observation::default() };
        observation.ee_position.copy_from_slice(&[0.5, 0.125, -0.25]);
        observation.ee_orientation.copy_from_slice(&[3.0, 0.0, -1.0]);
        observation.finger_positions = [0.03125, 0.0625];
        for camera in ["agent", "wrist"] {
            let image = Image::new(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
            observation.images.push(CameraImage { camera: camera.to_owned(), image });
        }
        let request = layout.request(&observation, "Stay.").unwrap();
        assert_eq!(request.state, [0.0, 0.375, 0.75, 3.0, 0.0, -1.0, 0.03125, -0.0625]);
        assert_eq!(request.images[0].1.data(), [4, 5, 6, 1, 2, 3]);
        assert_eq!(layout.observation(request, 3), observation);
        observation.images.pop();
        let error = layout.request(&observation, "Stay.").unwrap_err().to_string();
        assert!(error.contains("wrist"), "{error}");
        observation.time_secs = f64::NAN;
        assert!(layout.request(&observation, "Stay.").is_err());
    }
}
