"""The description, as a validator of answers (examples.py asks it)."""

import json
import re

import jsonschema


class Description:
    def __init__(self, document):
        self.document = document
        self.paths = [
            (re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}")) + "$"), methods)
            for path, methods in sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
        ]

    def resolve(self, value):
        while "$ref" in value:
            found = self.document
            for key in value["$ref"].lstrip("#/").split("/"):
                found = found[key]
            value = found
        return value

    def response(self, method, path, status):
        """What is described of an answer; what is no operation has its error's form."""
        common = {400: "BadRequest", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed"}
        for pattern, methods in self.paths:
            operation = methods.get("get" if method == "HEAD" else method.lower())
            if pattern.match(path) and operation:
                return self.resolve(operation["responses"][str(status)])
        return self.document["components"]["responses"][common[status]]

    def fault(self, method, path, status, media, body):
        """None, or what is wrong with an answer."""
        try:
            response = self.response(method, path, status)
        except KeyError:
            return f"status {status} is not described"
        content = response.get("content")
        if not content:
            return "has a body" if body else None
        media = (media or "").split(";")[0]
        if media not in content:
            return f"media type {media} is not described"
        if method == "HEAD" or media != "application/json":
            return None
        return self.mismatch(content[media]["schema"], json.loads(body))

    def mismatch(self, schema, value):
        schema = {**schema, "components": self.document["components"]}
        errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
        return next((f"{error.json_path}: {error.message[:300]}" for error in errors), None)
