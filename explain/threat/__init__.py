"""What is publicly known of attackers: what they exploit (CISA) and what they do (MITRE ATT&CK).

Nothing here asks the network: the catalogue is handed in, and who uses which technique is a table
that lies beside this file.
"""
