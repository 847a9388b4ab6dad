using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class WireTests
    {
        static MessagePackReader Reader(params byte[] bytes)
        {
            MessagePackReader reader = new MessagePackReader();
            reader.Reset(bytes, 0, bytes.Length);
            return reader;
        }

        [TestCase(0L, "00")]
        [TestCase(127L, "7F")]
        [TestCase(128L, "CC-80")]
        [TestCase(65535L, "CD-FF-FF")]
        [TestCase(65536L, "CE-00-01-00-00")]
        [TestCase(4294967296L, "CF-00-00-00-01-00-00-00-00")]
        [TestCase(-1L, "FF")]
        [TestCase(-32L, "E0")]
        [TestCase(-33L, "D0-DF")]
        [TestCase(-129L, "D1-FF-7F")]
        [TestCase(-32769L, "D2-FF-FF-7F-FF")]
        [TestCase(-2147483649L, "D3-FF-FF-FF-FF-7F-FF-FF-FF")]
        [TestCase(9007199254740992L, "CF-00-20-00-00-00-00-00-00")]
        public void IntsTakeTheirShortestForm(long value, string hex)
        {
            MessagePackWriter writer = new MessagePackWriter();
            writer.Int(value);
            Assert.AreEqual(hex, BitConverter.ToString(writer.ToArray()));
            Assert.AreEqual(value, Reader(writer.ToArray()).ReadInt());
        }

        [Test]
        public void EveryIntFormatIsRead()
        {
            Assert.AreEqual(5, Reader(0xcf, 0, 0, 0, 0, 0, 0, 0, 5).ReadInt());
            Assert.AreEqual(-5, Reader(0xd3, 255, 255, 255, 255, 255, 255, 255, 251).ReadInt());
            Assert.AreEqual(5, Reader(0xd2, 0, 0, 0, 5).ReadInt());
            Assert.AreEqual(5, Reader(0xce, 0, 0, 0, 5).ReadInt());
            Assert.AreEqual(5.0, Reader(0x05).ReadFloat());
            Assert.AreEqual(1.5, Reader(0xca, 0x3f, 0xc0, 0, 0).ReadFloat());
        }

        [TestCase("CF-00-20-00-00-00-00-00-01")] // beyond 2^53
        [TestCase("CB-7F-F8-00-00-00-00-00-00")] // not a number
        [TestCase("C1")]
        [TestCase("D4-00-00")] // extension
        [TestCase("A3-61-62")] // cut short
        [TestCase("A2-C3-28")] // not UTF-8
        [TestCase("DD-FF-FF-FF-FF-00")] // promises four thousand million items
        [TestCase("DF-7F-FF-FF-FF-00")]
        [TestCase("C6-7F-FF-FF-FF-00")]
        [TestCase("81-01-02")] // a key that is no string
        [TestCase("")]
        public void MalformedIsATypedError(string hex)
        {
            byte[] bytes = hex.Length == 0 ? new byte[0] : Array.ConvertAll(hex.Split('-'), each => Convert.ToByte(each, 16));
            Assert.Throws<WireException>(() => Value.Read(Reader(bytes)));
        }

        [Test]
        public void DeepNestingIsATypedError()
        {
            byte[] deep = new byte[10000];
            for (int index = 0; index < deep.Length; index++) deep[index] = 0x91;
            Assert.Throws<WireException>(() => Value.Read(Reader(deep)));
            Assert.Throws<WireException>(() => Reader(deep).Skip());
            Assert.Throws<WireException>(() => Json.Parse(new string('[', 10000)));
        }

        [Test]
        public void AStringTwiceIsTheSameString()
        {
            MessagePackReader reader = Reader(0xa2, (byte)'h', (byte)'i', 0xa2, (byte)'h', (byte)'i');
            Assert.IsTrue(ReferenceEquals(reader.ReadString(), reader.ReadString()));
        }

        [Test]
        public void LongStringsAndBytesAreWrittenWithTheirLength()
        {
            foreach (int count in new[] { 31, 32, 255, 256, 65535, 65536, 100000 })
            {
                MessagePackWriter writer = new MessagePackWriter();
                writer.String(new string('x', count));
                writer.Bytes(new byte[count], 0, count);
                MessagePackReader reader = Reader(writer.ToArray());
                Assert.AreEqual(count, reader.ReadString().Length);
                Assert.AreEqual(count, reader.ReadBytes().Count);
                Assert.IsTrue(reader.AtEnd);
            }
        }

        [Test]
        public void WhatCannotTravelIsRefused()
        {
            MessagePackWriter writer = new MessagePackWriter();
            Assert.Throws<WireException>(() => writer.Float(double.NaN));
            Assert.Throws<WireException>(() => writer.Int(long.MaxValue));
            Assert.Throws<WireException>(() => writer.String("\ud83d"));
        }

        [TestCase("{\"a\":[1,2.5,null,true,\"x\\n\\u00e9\\\"\"],\"b\":{}}")]
        [TestCase("[]")]
        [TestCase("-12")]
        [TestCase("\"\\\\\"")]
        public void JsonThereAndBack(string text) => Assert.IsTrue(Json.Parse(Json.Parse(text).ToString()).Same(Json.Parse(text)));

        [TestCase("")]
        [TestCase("{")]
        [TestCase("{\"a\" 1}")]
        [TestCase("[1,]")]
        [TestCase("\"a")]
        [TestCase("01x")]
        [TestCase("1e999")]
        [TestCase("nul")]
        [TestCase("1 2")]
        public void WhatIsNotJsonIsATypedError(string text) => Assert.Throws<WireException>(() => Json.Parse(text));

        [Test]
        public void MissingMembersAreNull()
        {
            Value value = Json.Parse("{\"a\":{\"b\":3}}");
            Assert.AreEqual(3, value["a"]["b"].AsInt());
            Assert.IsTrue(value["x"]["y"]["z"].IsNull);
            Assert.AreEqual(0, value["x"].Items.Count);
        }

        [Test]
        public void AFieldThatAnotherTypeHasIsSkipped()
        {
            // `name` belongs to cues; a later version may give `state` one of another type.
            MessagePackWriter writer = new MessagePackWriter();
            Json.Parse("{\"name\":[1],\"state\":\"idle\",\"type\":\"state\"}").Write(writer);
            States seen = new States();
            Assert.IsTrue(new ServerReader().Read(writer.Buffer, 0, writer.Count, seen));
            Assert.AreEqual(1, seen.All.Count);
        }

        sealed class States : Silence
        {
            public readonly List<CompanionState> All = new List<CompanionState>();

            public override void OnState(CompanionState state, long turn) => All.Add(state);
        }

        [TestCase("{\"type\":\"media\",\"turn\":-1,\"pts\":0}")]
        [TestCase("{\"type\":\"media\",\"pts\":0}")]
        [TestCase("{\"type\":\"media\",\"turn\":1,\"pts\":\"0\"}")]
        [TestCase("{\"type\":\"state\",\"state\":\"dancing\"}")]
        [TestCase("{\"type\":\"state\"}")]
        [TestCase("{\"state\":\"idle\"}")]
        [TestCase("[1]")]
        [TestCase("{\"type\":\"welcome\"}")]
        [TestCase("{\"type\":\"tool_call\",\"turn\":1,\"seq\":1,\"call\":1,\"name\":\"x\",\"arguments\":[1]}")]
        public void MessagesOutOfBoundsAreTypedErrors(string json)
        {
            MessagePackWriter writer = new MessagePackWriter();
            Json.Parse(json).Write(writer);
            Assert.Throws<WireException>(() => new ServerReader().Read(writer.Buffer, 0, writer.Count, new Silence()));
        }

        [Test]
        public void HostileBytesAreAMessageOrATypedError()
        {
            Random random = new Random(7);
            List<byte[]> seeds = new List<byte[]> { Wire.Welcome(), Wire.Media(1, 2, 0, 2400, 0, 6, 55) };
            foreach (string json in new[]
            {
                "{\"type\":\"text\",\"turn\":3,\"seq\":412,\"text\":\"Comets,\",\"pts\":2400,\"end\":26400}",
                "{\"type\":\"tool_call\",\"turn\":3,\"seq\":416,\"call\":7,\"name\":\"open_door\",\"arguments\":{\"door\":[[1],{}]}}",
            })
            {
                MessagePackWriter writer = new MessagePackWriter();
                Json.Parse(json).Write(writer);
                seeds.Add(writer.ToArray());
            }
            ServerReader reader = new ServerReader();
            Silence sink = new Silence();
            int taken = 0, refused = 0;
            for (int round = 0; round < 20000; round++)
            {
                byte[] bytes = (byte[])seeds[round % seeds.Count].Clone();
                int count = random.Next(3) == 0 ? random.Next(bytes.Length + 1) : bytes.Length;
                for (int flips = random.Next(4); flips > 0; flips--) bytes[random.Next(Math.Min(bytes.Length, 200))] = (byte)random.Next(256);
                try
                {
                    reader.Read(bytes, 0, count, sink);
                    taken++;
                }
                catch (WireException)
                {
                    refused++;
                }
            }
            Assert.Greater(taken, 1000);
            Assert.Greater(refused, 1000);
        }
    }
}
