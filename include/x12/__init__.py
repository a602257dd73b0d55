"""Bytes and meaning: segments, envelopes, the 837P out, the 999 and TA1 in. Pure."""
