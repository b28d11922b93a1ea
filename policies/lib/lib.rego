# Reads values so that what is not known never makes a rule fire.
#
# An unknown value is the object {"Fn::Unknown": reason}. Every function here is undefined where its
# answer would hang on one; `not` over such a function is the only way to go wrong.
package plumbline.lib

unknown(x) if x["Fn::Unknown"]

# The value at a path of the properties, or the fallback where it is absent.
value(resource, path, fallback) := found if {
	found := object.get(resource.Properties, path, fallback)
	found != fallback
	not unknown(found)
}

value(resource, path, fallback) := fallback if {
	object.get(resource.Properties, path, fallback) == fallback
	not hidden(resource, path)
}

# Whether something above the end of a path is unknown.
hidden(resource, path) if {
	some i, _ in path
	unknown(object.get(resource.Properties, array.slice(path, 0, i), null))
}

# Whether none of the paths is unknown or lies below something unknown.
known_at(resource, paths) if {
	count([path | some path in paths; hidden(resource, path)]) == 0
	count([path | some path in paths; unknown(object.get(resource.Properties, path, null))]) == 0
}

# Whether a value is unknown, or holds something unknown at any depth.
doubtful(x) if contains(json.marshal(x), `"Fn::Unknown"`)

absent(resource, path) if value(resource, path, null) == null

# Whether a template leaves something out. Of a live resource it proves nothing: no collector asks
# for the properties that are read through this.
undeclared(resource, path) if {
	not resource.Live
	absent(resource, path)
}

is_true(x) if x in {true, "true", "True"}

# Whether a switch is known to be off or absent.
off(resource, path) if value(resource, path, false) in {false, "false", "False", null}

as_array(x) := x if is_array(x)

else := [x]

# The elements of a list property; nothing where it is absent or unknown.
items(resource, path) := [item |
	some item in as_array(object.get(resource.Properties, path, []))
	not unknown(item)
]

# The value of the first of these tags, whatever the case of its key.
tag(resource, names) := found if {
	values := [text | some name in names; some key, text in resource.Tags; lower(key) == lower(name)]
	count(values) > 0
	found := values[0]
}

tags_unknown(resource) if unknown(resource.Properties.Tags)

tags_unknown(resource) if {
	some item in as_array(resource.Properties.Tags)
	unknown(item)
}

tags_unknown(resource) if {
	some item in as_array(resource.Properties.Tags)
	unknown(item.Key)
}

related(kind) := object.get(input.related, kind, [])

# Whether it is known that no resource of a type is related: there is none, and all were listed.
none_related(kind) if {
	count(related(kind)) == 0
	not unlisted(kind)
}

unlisted(kind) if input.resource.Unreadable[kind]

# The fields of an ARN: arn, partition, service, Region, account and what is left. Templates leave
# partition, Region and account to AWS, and the names of those hold colons.
arn_fields(arn) := split(replace(arn, "${AWS::", "${AWS."), ":")

# The account in an ARN, where it is written there.
account_of(arn) := account if {
	account := arn_fields(arn)[4]
	regex.match(`^[0-9]{12}$`, account)
}

foreign_account(account) if {
	account != input.resource.Account
	not account in input.settings.trusted_accounts
}

# A value that is a customer managed key: not absent and not AWS's own alias.
customer_key(key) if {
	is_string(key)
	key != ""
	not aws_key(key)
}

aws_key(key) if startswith(key, "alias/aws/")

aws_key(key) if contains(key, ":alias/aws/")

# Whether a reference of a template (`${Queue.Arn}`) leads to a relative of a type.
refers(reference, kind) if {
	some other in related(kind)
	logical_id := regex.replace(other.uid, `^.*//`, "")
	startswith(reference, sprintf("${%s.", [logical_id]))
}

# Whether a reference of a template (`${Queue}`, `${Queue.Arn}`) means a relative.
means(reference, other) if {
	logical_id := regex.replace(other.uid, `^.*//`, "")
	some ending in ["}", "."]
	startswith(reference, concat("", ["${", logical_id, ending]))
}

# Whether a reference to a bucket means the resource itself: by its ARN, its name or its logical id.
leads_here(reference) if {
	name := regex.replace(reference, `^arn:[a-z-]+:s3:::`, "")
	name in {input.resource.Name, object.get(input.resource.Properties, "BucketName", "")}
}

leads_here(reference) if {
	logical_id := regex.replace(input.resource.uid, `^.*//`, "")
	some ending in ["}", "."]
	startswith(reference, concat("", ["${", logical_id, ending]))
}
