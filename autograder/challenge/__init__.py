"""The challenge: train, sample and measure, with everything that counts outside the student's."""
