"""The clearinghouse to play with: an SFTP server that takes files away, checks them and answers."""

from typing import Final

BANNER: Final = "ClaimCourierSandbox"
"""The software name in the server's SSH version, `SSH-2.0-ClaimCourierSandbox_1`: no live file goes there unasked."""
