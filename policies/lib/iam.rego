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

# Of these, the statements that reach all there is of some service without a limit. Most resources
# have none, and the checks of dangerous actions end here. Full administrators have a check of theirs.
own_wide := [allow |
	some allow in own_allows
	reaches_widely(allow.statement)
	unlimited(allow.statement)
	not full_admin(allow.statement)
]

reaches_widely(statement) if every_resource(statement)

reaches_widely(statement) if {
	some text in resources(statement)
	whole_type(text)
}

# An ARN that leaves a resource type whole: `table/*`, `secret:*`, every bucket, but not `bucket/*`.
whole_type(text) if {
	endswith(text, "*")
	not contains(text, ":s3:")
	regex.match(`^arn(:([^:]|\$\{AWS::[A-Za-z]+\})*){4}:([a-z-]+[:/])?\*$`, text)
}

whole_type(text) if regex.match(`:s3:::\*(/\*)?$`, text)

# Where the resource's own statements allow some of these actions on all there is, and nothing takes
# them back: no deny, no boundary. `wanted` holds actions by service.
grants(wanted) := [{"place": allow, "actions": found} |
	some allow in own_wide
	found := sort([action |
		some action in reached(allow.statement, wanted)
		reaches_service(allow.statement, split(action, ":")[0])
		not denied(own_denials, action)
		within_boundary(action)
	])
	found != []
]

reached(statement, wanted) := {action |
	some pattern in actions(statement)
	some action in named(pattern, wanted)
} if not statement.NotAction

reached(statement, wanted) := {action |
	some members in wanted
	some action in members
	covers(statement, action)
} if statement.NotAction

named(pattern, wanted) := {action |
	some action in wanted[split(pattern, ":")[0]]
	matches(pattern, action)
}

named(pattern, wanted) := {action | some members in wanted; some action in members} if startswith(pattern, "*")

reaches_service(statement, _) if every_resource(statement)

reaches_service(statement, service) if {
	some text in resources(statement)
	whole_type(text)
	contains(text, sprintf(":%s:", [object.get(named_by, service, service)]))
}

# Services whose actions name resources of another one.
named_by := {"ebs": "ec2", "rds-data": "rds", "sts": "iam"}

# What the identity's documents deny; those of managed policies count as well, what they allow is
# judged where it stands.
own_denials := array.concat(
	[entry.statement | some entry in placed(input.resource, "Deny")],
	[entry.statement |
		some policy in lib.related("AWS::IAM::ManagedPolicy")
		not is_boundary(policy)
		some entry in placed(policy, "Deny")
	],
)

boundary := object.get(input.resource.Properties, "PermissionsBoundary", "")

is_boundary(policy) if policy.uid == boundary

is_boundary(policy) if {
	is_string(boundary)
	endswith(policy.uid, sprintf("//%s", [regex.replace(boundary, `^\$\{|(\.arn|\.id)?\}$`, "")]))
}

within_boundary(_) if boundary in {"", null}

within_boundary(action) if {
	some policy in lib.related("AWS::IAM::ManagedPolicy")
	is_boundary(policy)
	statements := [entry.statement | some entry in placed(policy, "Allow")]
	denials := [entry.statement | some entry in placed(policy, "Deny")]
	allowed(statements, denials, action)
}

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
	some text in array.concat(principals(statement), aws_principals(statement))
	regex.match(`^arn:[a-z-]+:iam::\*(:|$)`, text)
}

# Allow NotPrincipal names everyone but a few.
everyone(statement) if statement.NotPrincipal

# The statements of a resource policy that do so.
not_principal(document) := [{"index": i, "statement": statement} |
	some i, statement in statements(document)
	statement.Effect == "Allow"
	statement.NotPrincipal
	not lib.unknown(statement.NotPrincipal)
]

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

# Those of them that say so of everyone. Everyone but a few has a check of its own where this is asked.
public_to_all(document) := [found |
	some found in public(document)
	not found.statement.NotPrincipal
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
	parts := lib.arn_fields(text)
	parts[0] == "arn"
	parts[2] in {"*", split(action, ":")[0]}
	whole_type(text)
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
	statement.Condition
	not lib.unknown(statement.Condition)
	used := {lower(key) | some keys in statement.Condition; some key, _ in keys}
	count(used - harmless_keys) == 0
}
