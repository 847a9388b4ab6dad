#nullable enable
using System.Collections.Generic;

namespace CompanionBridge
{
    /// <summary>
    /// Checks arguments that a language model made against the part of JSON Schema that tools use: type, properties,
    /// required, additionalProperties, enum, minimum, maximum, minLength, maxLength, items, minItems, maxItems.
    /// </summary>
    public static class Schema
    {
        /// <summary>What is wrong, as a sentence for the model; empty when nothing is.</summary>
        public static string Check(Value schema, Value value, string path = "arguments")
        {
            string type = schema["type"].AsString();
            if (type.Length > 0 && !Is(type, value)) return path + " must be of type " + type + ".";
            if (schema.Has("enum") && !Among(schema["enum"].Items, value)) return path + " must be one of " + schema["enum"] + ".";
            if (value.Kind == ValueKind.Int || value.Kind == ValueKind.Float)
            {
                if (schema.Has("minimum") && value.AsFloat() < schema["minimum"].AsFloat()) return path + " must be at least " + schema["minimum"] + ".";
                if (schema.Has("maximum") && value.AsFloat() > schema["maximum"].AsFloat()) return path + " must be at most " + schema["maximum"] + ".";
            }
            if (value.Kind == ValueKind.String)
            {
                if (value.AsString().Length < schema["minLength"].AsInt()) return path + " is too short.";
                if (schema.Has("maxLength") && value.AsString().Length > schema["maxLength"].AsInt()) return path + " is too long.";
            }
            return value.Kind == ValueKind.List ? CheckList(schema, value, path) : value.Kind == ValueKind.Map ? CheckMap(schema, value, path) : "";
        }

        static string CheckList(Value schema, Value value, string path)
        {
            if (value.Items.Count < schema["minItems"].AsInt()) return path + " has too few items.";
            if (schema.Has("maxItems") && value.Items.Count > schema["maxItems"].AsInt()) return path + " has too many items.";
            for (int index = 0; index < value.Items.Count && schema.Has("items"); index++)
            {
                string wrong = Check(schema["items"], value.Items[index], path + "[" + index + "]");
                if (wrong.Length > 0) return wrong;
            }
            return "";
        }

        static string CheckMap(Value schema, Value value, string path)
        {
            foreach (Value name in schema["required"].Items)
                if (!value.Has(name.AsString())) return path + " lacks " + name.AsString() + ".";
            foreach (KeyValuePair<string, Value> field in value.Fields)
            {
                if (schema["properties"].Has(field.Key))
                {
                    string wrong = Check(schema["properties"][field.Key], field.Value, field.Key);
                    if (wrong.Length > 0) return wrong;
                }
                else if (schema["additionalProperties"].Kind == ValueKind.Bool && !schema["additionalProperties"].AsBool()) return path + " may not have " + field.Key + ".";
            }
            return "";
        }

        static bool Is(string type, Value value)
        {
            switch (type)
            {
                case "object": return value.Kind == ValueKind.Map;
                case "array": return value.Kind == ValueKind.List;
                case "string": return value.Kind == ValueKind.String;
                case "boolean": return value.Kind == ValueKind.Bool;
                case "null": return value.IsNull;
                case "number": return value.Kind == ValueKind.Int || value.Kind == ValueKind.Float;
                case "integer": return value.Kind == ValueKind.Int || (value.Kind == ValueKind.Float && value.AsFloat() == System.Math.Floor(value.AsFloat()));
                default: return true;
            }
        }

        static bool Among(IReadOnlyList<Value> all, Value value)
        {
            foreach (Value each in all)
                if (each.Same(value)) return true;
            return false;
        }
    }
}
