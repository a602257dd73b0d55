"""The world behind the ports: the ledger's database, the SFTP server, the practice source, the payload vault."""
