#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;

namespace CompanionBridge
{
    /// <summary>What a <see cref="Value"/> holds.</summary>
    public enum ValueKind { Null, Bool, Int, Float, String, Bytes, List, Map }

    /// <summary>
    /// Data of no fixed shape, as in tool arguments and JSON schemas: an immutable tree.
    /// Reading a member that is not there gives <see cref="Null"/>, so paths can be followed without asking at each step.
    /// </summary>
    public sealed class Value
    {
        /// <summary>Deepest nesting that is read or written.</summary>
        public const int MaxDepth = 32;

        static readonly List<Value> NoItems = new List<Value>();
        static readonly Dictionary<string, Value> NoFields = new Dictionary<string, Value>();

        readonly object? _data;
        readonly double _number;
        readonly long _int;

        Value(ValueKind kind, object? data = null, long whole = 0, double number = 0)
        {
            Kind = kind;
            _data = data;
            _int = whole;
            _number = number;
        }

        public static readonly Value Null = new Value(ValueKind.Null);
        public static readonly Value True = new Value(ValueKind.Bool, null, 1, 1);
        public static readonly Value False = new Value(ValueKind.Bool);

        public ValueKind Kind { get; }

        public static Value Of(bool value) => value ? True : False;
        public static Value Of(long value) => new Value(ValueKind.Int, null, value, value);
        public static Value Of(double value) => new Value(ValueKind.Float, null, 0, value);
        public static Value Of(string text) => new Value(ValueKind.String, text);
        public static Value Of(byte[] data) => new Value(ValueKind.Bytes, data);
        public static Value Of(List<Value> items) => new Value(ValueKind.List, items);
        public static Value Of(Dictionary<string, Value> fields) => new Value(ValueKind.Map, fields);

        public bool IsNull => Kind == ValueKind.Null;
        public bool AsBool(bool otherwise = false) => Kind == ValueKind.Bool ? _int != 0 : otherwise;
        public long AsInt(long otherwise = 0) => Kind == ValueKind.Int ? _int : otherwise;
        public double AsFloat(double otherwise = 0) => Kind == ValueKind.Int || Kind == ValueKind.Float ? _number : otherwise;
        public string AsString(string otherwise = "") => Kind == ValueKind.String ? (string)_data! : otherwise;
        public byte[] AsBytes() => Kind == ValueKind.Bytes ? (byte[])_data! : Array.Empty<byte>();

        /// <summary>The items of a list; none of anything else.</summary>
        public IReadOnlyList<Value> Items => Kind == ValueKind.List ? (List<Value>)_data! : NoItems;

        /// <summary>The fields of a map; none of anything else.</summary>
        public IReadOnlyDictionary<string, Value> Fields => Kind == ValueKind.Map ? (Dictionary<string, Value>)_data! : NoFields;

        /// <summary>A field of a map, or <see cref="Null"/>.</summary>
        public Value this[string name] => Fields.TryGetValue(name, out Value? found) ? found : Null;

        public bool Has(string name) => Fields.ContainsKey(name);

        /// <summary>Equality by value; an int equals the float of the same size.</summary>
        public bool Same(Value other)
        {
            bool numbers = (Kind == ValueKind.Int || Kind == ValueKind.Float) && (other.Kind == ValueKind.Int || other.Kind == ValueKind.Float);
            if (numbers) return _number.Equals(other._number);
            if (Kind != other.Kind) return false;
            switch (Kind)
            {
                case ValueKind.Null: return true;
                case ValueKind.Bool: return _int == other._int;
                case ValueKind.String: return (string)_data! == (string)other._data!;
                case ValueKind.Bytes: return Convert.ToBase64String(AsBytes()) == Convert.ToBase64String(other.AsBytes());
                case ValueKind.List:
                    if (Items.Count != other.Items.Count) return false;
                    for (int index = 0; index < Items.Count; index++)
                        if (!Items[index].Same(other.Items[index])) return false;
                    return true;
                default:
                    if (Fields.Count != other.Fields.Count) return false;
                    foreach (KeyValuePair<string, Value> field in Fields)
                        if (!other.Has(field.Key) || !field.Value.Same(other[field.Key])) return false;
                    return true;
            }
        }

        /// <summary>The tree at the reader's position; WireException when it is malformed or nested too deeply.</summary>
        public static Value Read(MessagePackReader reader, int depth = MaxDepth)
        {
            if (depth < 0) throw new WireException("a value is nested too deeply");
            switch (reader.Peek())
            {
                case WireType.Nil: reader.TryNil(); return Null;
                case WireType.Bool: return Of(reader.ReadBool());
                case WireType.Int: return Of(reader.ReadInt());
                case WireType.Float: return Of(reader.ReadFloat());
                case WireType.String: return Of(reader.ReadString());
                case WireType.Bytes: return Of(reader.ReadBytes().ToArray());
                case WireType.Array:
                    int count = reader.ReadArray();
                    List<Value> items = new List<Value>();
                    for (int index = 0; index < count; index++) items.Add(Read(reader, depth - 1));
                    return Of(items);
                default:
                    int pairs = reader.ReadMap();
                    Dictionary<string, Value> fields = new Dictionary<string, Value>();
                    for (int index = 0; index < pairs; index++)
                    {
                        string name = reader.ReadString();
                        fields[name] = Read(reader, depth - 1);
                    }
                    return Of(fields);
            }
        }

        public void Write(MessagePackWriter writer, int depth = MaxDepth)
        {
            if (depth < 0) throw new WireException("a value is nested too deeply");
            switch (Kind)
            {
                case ValueKind.Null: writer.Nil(); break;
                case ValueKind.Bool: writer.Bool(_int != 0); break;
                case ValueKind.Int: writer.Int(_int); break;
                case ValueKind.Float: writer.Float(_number); break;
                case ValueKind.String: writer.String((string)_data!); break;
                case ValueKind.Bytes: writer.Bytes(AsBytes(), 0, AsBytes().Length); break;
                case ValueKind.List:
                    writer.Array(Items.Count);
                    foreach (Value item in Items) item.Write(writer, depth - 1);
                    break;
                default:
                    writer.Map(Fields.Count);
                    foreach (KeyValuePair<string, Value> field in Fields)
                    {
                        writer.String(field.Key);
                        field.Value.Write(writer, depth - 1);
                    }
                    break;
            }
        }

        /// <summary>The tree as JSON; bytes are base64 strings.</summary>
        public override string ToString() => Json.Write(this);

        internal string Number() =>
            Kind == ValueKind.Int ? _int.ToString(CultureInfo.InvariantCulture) : _number.ToString("R", CultureInfo.InvariantCulture);
    }
}
