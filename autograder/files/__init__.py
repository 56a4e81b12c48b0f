"""Files that survive interruptions: locks, full disks, CSV."""
