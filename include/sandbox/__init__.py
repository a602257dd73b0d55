"""The clearinghouse to play with: an SFTP server that collects, checks and answers as Office Ally does."""
