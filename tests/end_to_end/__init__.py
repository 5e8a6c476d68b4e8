"""The main job, from the gateway to the score, over the running system on each transport."""
