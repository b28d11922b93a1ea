"""Facts in: cloud configuration becomes Resources, in CloudFormation's names."""
