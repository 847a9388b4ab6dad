#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace CompanionBridge
{
    /// <summary>JSON to <see cref="Value"/> and back (RFC 8259), for schemas that are written by hand and for logs.</summary>
    public static class Json
    {
        /// <summary>The value of a whole text; WireException when it is not JSON.</summary>
        public static Value Parse(string text)
        {
            Parser parser = new Parser(text);
            Value value = parser.Value(CompanionBridge.Value.MaxDepth);
            parser.End();
            return value;
        }

        public static string Write(Value value)
        {
            StringBuilder into = new StringBuilder();
            Write(value, into);
            return into.ToString();
        }

        static void Write(Value value, StringBuilder into)
        {
            switch (value.Kind)
            {
                case ValueKind.Null: into.Append("null"); break;
                case ValueKind.Bool: into.Append(value.AsBool() ? "true" : "false"); break;
                case ValueKind.Int: case ValueKind.Float: into.Append(value.Number()); break;
                case ValueKind.String: Quote(value.AsString(), into); break;
                case ValueKind.Bytes: Quote(Convert.ToBase64String(value.AsBytes()), into); break;
                case ValueKind.List:
                    into.Append('[');
                    for (int index = 0; index < value.Items.Count; index++)
                    {
                        if (index > 0) into.Append(',');
                        Write(value.Items[index], into);
                    }
                    into.Append(']');
                    break;
                default:
                    into.Append('{');
                    bool first = true;
                    foreach (KeyValuePair<string, Value> field in value.Fields)
                    {
                        if (!first) into.Append(',');
                        first = false;
                        Quote(field.Key, into);
                        into.Append(':');
                        Write(field.Value, into);
                    }
                    into.Append('}');
                    break;
            }
        }

        static void Quote(string text, StringBuilder into)
        {
            into.Append('"');
            foreach (char each in text)
            {
                if (each == '"' || each == '\\') into.Append('\\').Append(each);
                else if (each == '\n') into.Append("\\n");
                else if (each < ' ') into.Append("\\u").Append(((int)each).ToString("x4"));
                else into.Append(each);
            }
            into.Append('"');
        }

        sealed class Parser
        {
            readonly string _text;
            int _at;

            public Parser(string text) => _text = text;

            public Value Value(int depth)
            {
                if (depth < 0) throw Wrong("nested too deeply");
                switch (Next())
                {
                    case '{': return Map(depth);
                    case '[': return List(depth);
                    case '"': return CompanionBridge.Value.Of(String());
                    case 't': Word("true"); return CompanionBridge.Value.True;
                    case 'f': Word("false"); return CompanionBridge.Value.False;
                    case 'n': Word("null"); return CompanionBridge.Value.Null;
                    default: return Number();
                }
            }

            public void End()
            {
                while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
                if (_at < _text.Length) throw Wrong("something follows the value");
            }

            Value Map(int depth)
            {
                Dictionary<string, Value> fields = new Dictionary<string, Value>();
                _at++;
                if (Next() == '}') { _at++; return CompanionBridge.Value.Of(fields); }
                while (true)
                {
                    if (Next() != '"') throw Wrong("a key is due");
                    string name = String();
                    Expect(':');
                    fields[name] = Value(depth - 1);
                    if (Next() == '}') { _at++; return CompanionBridge.Value.Of(fields); }
                    Expect(',');
                }
            }

            Value List(int depth)
            {
                List<Value> items = new List<Value>();
                _at++;
                if (Next() == ']') { _at++; return CompanionBridge.Value.Of(items); }
                while (true)
                {
                    items.Add(Value(depth - 1));
                    if (Next() == ']') { _at++; return CompanionBridge.Value.Of(items); }
                    Expect(',');
                }
            }

            string String()
            {
                StringBuilder into = new StringBuilder();
                for (_at++; _at < _text.Length; _at++)
                {
                    char each = _text[_at];
                    if (each == '"') { _at++; return into.ToString(); }
                    if (each < ' ') break;
                    into.Append(each == '\\' ? Escape() : each);
                }
                throw Wrong("a string is not closed");
            }

            char Escape()
            {
                if (++_at >= _text.Length) throw Wrong("a string is not closed");
                switch (_text[_at])
                {
                    case '"': case '\\': case '/': return _text[_at];
                    case 'b': return '\b';
                    case 'f': return '\f';
                    case 'n': return '\n';
                    case 'r': return '\r';
                    case 't': return '\t';
                    case 'u':
                        string digits = _at + 5 <= _text.Length ? _text.Substring(_at + 1, 4) : "";
                        if (!ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code)) throw Wrong("\\u wants four digits");
                        _at += 4;
                        return (char)code;
                    default: throw Wrong("unknown escape");
                }
            }

            Value Number()
            {
                int start = _at;
                while (_at < _text.Length && "+-.eE0123456789".IndexOf(_text[_at]) >= 0) _at++;
                string word = _text.Substring(start, _at - start);
                if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)) return CompanionBridge.Value.Of(whole);
                bool read = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
                if (!read || double.IsInfinity(number)) throw Wrong("a value is due");
                return CompanionBridge.Value.Of(number);
            }

            void Word(string word)
            {
                if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0) throw Wrong("a value is due");
                _at += word.Length;
            }

            void Expect(char wanted)
            {
                if (Next() != wanted) throw Wrong("'" + wanted + "' is due");
                _at++;
            }

            char Next()
            {
                while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
                if (_at >= _text.Length) throw Wrong("it ends too early");
                return _text[_at];
            }

            WireException Wrong(string why) => new WireException("not JSON at character " + _at + ": " + why);
        }
    }
}
