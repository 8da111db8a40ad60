"""Trains the storypair target and draft models; `train_pair.sh` runs the modules in order."""
