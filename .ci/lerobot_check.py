"""Judges the data set of learn/tests/lerobot.rs with the packages that are installed.

usage: lerobot_check.py ROOT; exits 0 only if lerobot-doctor finds no failure and, where lerobot is
installed, its own loader gives back what was written.
"""

import importlib.util
import math
import subprocess
import sys


def doctor(root):
    code = "import sys; from lerobot_doctor.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "check", root, "--verbose"]
    if subprocess.run(command).returncode != 0:
        raise SystemExit("lerobot-doctor found a failure")


def close(found, expected, what):
    if not (len(found) == len(expected) and all(abs(a - b) < 1e-4 for a, b in zip(found, expected))):
        raise SystemExit(f"{what}: expected {expected}, found {found}")


def loader(root):
    import numpy
    import torch
    from lerobot.datasets.compute_stats import aggregate_feature_stats, get_feature_stats, sample_indices
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    horizon = {"action": [i / 20 for i in range(8)]}
    data = LeRobotDataset("local/ergon", root=root, delta_timestamps=horizon)
    assert (data.num_episodes, data.num_frames, data.fps) == (3, 330, 20)
    for episode, first, i in [(0, 0, 0), (0, 0, 119), (1, 120, 7), (2, 220, 109)]:
        item = data[first + i]
        close(item["timestamp"].reshape(1).tolist(), [i / 20], "timestamp")
        state = [math.sin((i + episode) * 0.01 + j) for j in range(8)]
        close(item["observation.state"].tolist(), state, "observation.state")
        # The horizon ends with the episode, whose last action is repeated.
        last = [119, 99, 109][episode]
        actions = [math.sin((min(i + t, last) + episode) * 0.02 + j) for t in range(8) for j in range(7)]
        close(item["action"].reshape(-1).tolist(), actions, "action")
        assert item["skill_index"].item() == i // 10
        assert item["contacts"].tolist() == [i % 2 == 0, episode == 1]
        tasks = ["stack the red block on the green block", "put the mug in the bin"]
        assert item["task"] == tasks[episode % 2], item["task"]
        for camera, shift in [("agent", 0), ("wrist", 100)]:
            at = torch.arange(64 * 64 * 3).reshape(64, 64, 3)
            expected = ((at * 7 + shift + 5 * i + 11 * episode) % 256).permute(2, 0, 1) / 255
            assert torch.equal(item[f"observation.images.{camera}"], expected), camera
    for name, feature in data.features.items():
        stored, parts = data.meta.stats[name], []
        for first, length in [(0, 120), (120, 100), (220, 110)]:
            if feature["dtype"] == "image":
                rows = [data[first + i][name].numpy() for i in sample_indices(length)]
                parts.append(get_feature_stats(numpy.stack(rows), axis=(0, 2, 3), keepdims=True))
            else:
                rows = numpy.asarray(data.hf_dataset[first : first + length][name])
                parts.append(get_feature_stats(rows.reshape(length, -1).astype(float), axis=0, keepdims=False))
        true = aggregate_feature_stats(parts)
        for field, expected in true.items():
            # Lerobot's quantiles are those of a histogram, ours those of the values.
            if not field.startswith("q"):
                close(stored[field].reshape(-1).tolist(), expected.reshape(-1).tolist(), f"{name}: {field}")
    for batch in torch.utils.data.DataLoader(data, batch_size=16, shuffle=True):
        assert all(torch.isfinite(v).all() for v in batch.values() if isinstance(v, torch.Tensor))
    print("lerobot gives back what was written")


if importlib.util.find_spec("lerobot"):
    loader(sys.argv[1])
doctor(sys.argv[1])
