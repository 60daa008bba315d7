"""An OpenAPI document read: operations, schemas, promises, security. Pure."""
