using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class RoomTests
    {
        const string Kitchen = "{'type':'room','room':'kitchen','you':'Ada','kind':'meeting','people':[{'name':'Ada','hand':true},{'name':'Ben','here':false}]," +
            "'companions':[{'companion':'main','identity':{'name':'Mira'},'place':[-1.5,0.0,2.0]}],'agenda':[{'title':'Lenses','minutes':7.5}],'item':1,'word':'Ben'}";

        readonly List<RoomState> _rooms = new List<RoomState>();
        readonly List<Said> _said = new List<Said>();
        FakeTransport _line;
        Conversation _talk;

        void Meet()
        {
            _rooms.Clear();
            _said.Clear();
            SessionSettings settings = new SessionSettings { Seed = 1 };
            settings.Hello.Room = "kitchen";
            settings.Hello.RoomKey = "s3cret";
            _talk = new Conversation(settings, () => _line = new FakeTransport());
            _talk.RoomChanged += _rooms.Add;
            _talk.OtherSaid += _said.Add;
            _talk.Open(0);
            _line.Opens();
            _line.Says(Wire.Welcome(features: "'rooms'"));
            _talk.Update(0.1);
        }

        [Test]
        public void ARoomIsEnteredAndTold()
        {
            Meet();
            Value hello = _line.Last("hello");
            Assert.AreEqual("kitchen s3cret", hello["room"]["name"].AsString() + " " + hello["room"]["key"].AsString());
            Assert.IsFalse(_talk.DoInRoom(RoomOp.Hand));
            _line.Says(Kitchen);
            _line.Says("{'type':'said','seq':4,'by':'Ben','text':'They bend light.'}");
            _line.Says("{'type':'said','seq':4,'by':'Ben','text':'They bend light.'}");
            _talk.Update(0.2);
            RoomState room = _rooms[0];
            Assert.AreEqual("Ada Ben Mira Lenses 1 Ben", room.People[0].Name + " " + room.People[1].Name + " " + room.Companions[0].Identity.Name + " " + room.Agenda[0].Title + " " + room.Item + " " + room.Word);
            Assert.IsTrue(room.People[0].Hand && !room.People[1].Here && room.Companions[0].Forward == 2);
            Assert.AreEqual(1, _said.Count);
            Assert.AreEqual("Ben: They bend light.", _said[0].By + ": " + _said[0].Text);
        }

        [Test]
        public void HandsAndTheWordAreAskedFor()
        {
            Meet();
            _line.Says(Kitchen);
            _talk.Update(0.2);
            Assert.IsTrue(_talk.DoInRoom(RoomOp.Hand));
            Assert.AreEqual("hand", _line.Last("room")["op"].AsString());
            Assert.IsFalse(_talk.DoInRoom(RoomOp.Give));
            Assert.IsTrue(_talk.DoInRoom(RoomOp.Give, "Ben"));
            Assert.AreEqual("Ben", _line.Last("room")["to"].AsString());
        }

        [TestCase("{'type':'room','room':'kitchen'}")]
        [TestCase("{'type':'room','room':'kitchen','you':'Ada','people':[7]}")]
        [TestCase("{'type':'room','room':'kitchen','you':'Ada','people':[{'name':'Ada','hand':1}]}")]
        [TestCase("{'type':'room','room':'kitchen','you':'Ada','companions':[{}]}")]
        [TestCase("{'type':'room','room':'kitchen','you':'Ada','item':-1}")]
        [TestCase("{'type':'room','room':'kitchen','you':'Ada','agenda':{}}")]
        [TestCase("{'type':'said','seq':4,'by':'Ben'}")]
        [TestCase("{'type':'said','by':'Ben','text':'x'}")]
        public void WhatIsNoRoomIsRefused(string json)
        {
            byte[] message = Wire.Of(json);
            bool refused = false;
            try
            {
                new ServerReader().Read(message, 0, message.Length, new Silence());
            }
            catch (WireException)
            {
                refused = true;
            }
            Assert.IsTrue(refused, json);
        }
    }
}
