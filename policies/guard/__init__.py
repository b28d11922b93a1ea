"""CloudFormation Guard, the second policy language: its rules, and how they are run."""
