# Reads policy documents: statements, principals, actions, conditions.
#
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
package plumbline.lib.iam

import data.plumbline.lib

# The statements of a document, parsed or as JSON text; nothing where it is unknown.
statements(document) := [statement |
	some statement in lib.as_array(parsed(document).Statement)
	not lib.unknown(statement)
]

parsed(document) := document if is_object(document)

parsed(document) := json.unmarshal(document) if {
	is_string(document)
	json.is_valid(document)
}

# The documents that give a principal its permissions, with their paths. AWS's own are not judged.
documents(resource) := array.concat(inline, own) if {
	not resource.AwsOwned
	inline := [{"path": path, "document": policy.PolicyDocument} |
		some i, policy in lib.as_array(object.get(resource.Properties, "Policies", []))
		path := sprintf("Policies.%d.PolicyDocument", [i])
	]
	own := [{"path": "PolicyDocument", "document": document} |
		document := resource.Properties.PolicyDocument
	]
}

placed(resource, effect) := [{"document": entry.path, "index": i, "statement": statement} |
	some entry in documents(resource)
	some i, statement in statements(entry.document)
	statement.Effect == effect
]

# Where a placed statement stands; written out only for those that break a rule.
at(place) := sprintf("%s.Statement.%d", [place.document, place.index])

allows(resource) := placed(resource, "Allow")

# What the resource itself allows: a rule, so that all policies on it share one evaluation.
own_allows := allows(input.resource)

# What the role of a function, and the policies attached to it, allow; shared likewise.
role_allows := [{"holder": holder, "place": place, "statement": place.statement} |
	some kind in ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"]
	some holder in lib.related(kind)
	some place in allows(holder)
]

texts(x) := [lower(text) |
	some text in lib.as_array(x)
	is_string(text)
]

actions(statement) := texts(object.get(statement, "Action", []))

resources(statement) := [text |
	some text in lib.as_array(object.get(statement, "Resource", []))
	is_string(text)
]

every_resource(statement) if "*" in resources(statement)

# Allow NotResource leaves out a few and takes the rest.
every_resource(statement) if statement.NotResource

conditional(statement) if statement.Condition

full_admin(statement) if {
	"*" in actions(statement)
	every_resource(statement)
	not conditional(statement)
}

full_admin(statement) if {
	"*:*" in actions(statement)
	every_resource(statement)
	not conditional(statement)
}

# AWS managed policies that are, or amount to, administrator access.
admin_policies := {"AdministratorAccess", "IAMFullAccess"}

admin_arns(resource) := [{"path": path, "arn": arn} |
	some i, arn in lib.as_array(object.get(resource.Properties, "ManagedPolicyArns", []))
	is_string(arn)
	contains(arn, ":iam::aws:policy/")
	regex.replace(arn, `^.*/`, "") in admin_policies
	path := sprintf("ManagedPolicyArns.%d", [i])
]

principals(statement) := [text |
	some text in lib.as_array(statement.Principal)
	is_string(text)
]

aws_principals(statement) := [text |
	some text in lib.as_array(statement.Principal.AWS)
	is_string(text)
]

everyone(statement) if "*" in principals(statement)

everyone(statement) if "*" in aws_principals(statement)

everyone(statement) if {
	some text in aws_principals(statement)
	regex.match(`^arn:[a-z-]+:iam::\*:`, text)
}

# Allow NotPrincipal names everyone but a few.
everyone(statement) if statement.NotPrincipal

# Condition keys that limit who may call, or from where, to something of one's own.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
limiting_keys := {
	"aws:principalaccount",
	"aws:principalarn",
	"aws:principalorgid",
	"aws:principalorgpaths",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:sourceip",
	"aws:sourceorgid",
	"aws:sourceorgpaths",
	"aws:sourceowner",
	"aws:sourcevpc",
	"aws:sourcevpce",
	"aws:userid",
	"kms:calleraccount",
	"s3:dataaccesspointaccount",
	"s3:dataaccesspointarn",
	"sns:endpoint",
}

limiting_operators := {
	"arnequals",
	"arnlike",
	"ipaddress",
	"stringequals",
	"stringequalsignorecase",
	"stringlike",
}

limited(statement) if lib.unknown(statement.Condition)

limited(statement) if {
	some operator, keys in statement.Condition
	trim_prefix(lower(operator), "foranyvalue:") in limiting_operators
	some key, wanted in keys
	lower(key) in limiting_keys
	not "*" in lib.as_array(wanted)
	not "0.0.0.0/0" in lib.as_array(wanted)
	not "::/0" in lib.as_array(wanted)
}

# The statements of a resource policy that admit everyone without a limit.
public(document) := [{"index": i, "statement": statement} |
	some i, statement in statements(document)
	statement.Effect == "Allow"
	everyone(statement)
	not limited(statement)
]

# Whether a document refuses every request that does not come over TLS.
tls_only(document) if {
	some statement in statements(document)
	statement.Effect == "Deny"
	everyone(statement)
	some operator, keys in statement.Condition
	lower(operator) in {"bool", "boolifexists"}
	some key, wanted in keys
	lower(key) == "aws:securetransport"
	some answer in lib.as_array(wanted)
	answer in {"false", false}
}

matches(pattern, action) if pattern == action

matches(pattern, action) if {
	contains(pattern, "*")
	glob.match(pattern, [], action)
}

# Whether a statement covers an action, by Action or by NotAction.
covers(statement, action) if {
	some pattern in actions(statement)
	matches(pattern, action)
}

covers(statement, action) if {
	statement.NotAction
	excluded := texts(statement.NotAction)
	count([pattern | some pattern in excluded; matches(pattern, action)]) == 0
}

# Whether statements allow an action on resources that are not limited, and none denies it.
allowed(allowing, denying, action) if {
	some statement in allowing
	covers(statement, action)
	broad(statement, action)
	unlimited(statement)
	not denied(denying, action)
}

denied(denying, action) if {
	some statement in denying
	covers(statement, action)
	every_resource(statement)
	not conditional(statement)
}

broad(statement, _) if every_resource(statement)

broad(statement, action) if {
	some text in resources(statement)
	parts := split(text, ":")
	parts[0] == "arn"
	parts[2] in {"*", split(action, ":")[0]}
	regex.match(`(:|/)\*$`, text)
}

# Conditions on the place, time or strength of a login leave an action as wide as it was.
harmless_keys := {
	"aws:currenttime",
	"aws:multifactorauthpresent",
	"aws:requestedregion",
	"aws:securetransport",
}

unlimited(statement) if not statement.Condition

unlimited(statement) if {
	not lib.unknown(statement.Condition)
	used := {lower(key) | some keys in statement.Condition; some key, _ in keys}
	count(used - harmless_keys) == 0
}
