using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace CompanionBridge.Tests
{
    public class MemoryTests
    {
        readonly List<MemoryAnswer> _answers = new List<MemoryAnswer>();
        FakeTransport _line;
        Conversation _talk;

        void Meet(string features, bool viewer = false)
        {
            _answers.Clear();
            SessionSettings settings = new SessionSettings { Seed = 1 };
            settings.Hello.Viewer = viewer;
            _talk = new Conversation(settings, () => _line = new FakeTransport());
            _talk.MemoryTold += _answers.Add;
            _talk.Open(0);
            _line.Opens();
            _line.Says(Wire.Welcome(features: features));
            _talk.Update(0.1);
        }

        [Test]
        public void AServerWithoutMemoryIsNotAsked()
        {
            Meet("'text'");
            Assert.IsFalse(_talk.HasMemory);
            Assert.IsFalse(_talk.AskMemory(MemoryOp.Tell));
            Assert.IsFalse(_talk.ImportMemory(new byte[] { 1 }));
            Meet("'memory'", viewer: true);
            Assert.IsFalse(_talk.AskMemory(MemoryOp.Agree));
            Assert.AreEqual(0, _line.Count("memory"));
        }

        [Test]
        public void WhatIsRememberedIsToldAndForgotten()
        {
            Meet("'memory'");
            Assert.IsTrue(_talk.AskMemory(MemoryOp.Agree));
            Assert.AreEqual("on", _talk.Settings.Hello.Memory, "so do the sessions that follow");
            Assert.IsTrue(_talk.AskMemory(MemoryOp.Tell));
            Assert.AreEqual("tell", _line.Last("memory")["op"].AsString());
            _line.Says("{'type':'memory','op':'tell','on':true,'facts':[{'id':3,'kind':'pet','text':'You have a dog.','day':'2030-01-01'}],'episodes':['We spoke of lenses.']}");
            _talk.Update(0.2);
            MemoryAnswer told = _answers[0];
            Assert.AreEqual("3 pet You have a dog. 2030-01-01 We spoke of lenses.", told.Facts[0].Id + " " + told.Facts[0].Kind + " " + told.Facts[0].Text + " " + told.Facts[0].Day + " " + told.Episodes[0]);
            Assert.IsTrue(told.On);
            Assert.IsTrue(_talk.ForgetFacts(new[] { told.Facts[0].Id }));
            Assert.AreEqual(3, _line.Last("memory")["facts"].Items[0].AsInt());
            _line.Says("{'type':'memory','op':'forget','on':true,'count':1}");
            _talk.Update(0.3);
            Assert.AreEqual(1, _answers[1].Count);
        }

        [Test]
        public void BoundsAreKeptHere()
        {
            Meet("'memory'");
            Assert.IsFalse(_talk.AskMemory(MemoryOp.Forget));
            Assert.IsFalse(_talk.ForgetFacts(new long[0]));
            Assert.IsFalse(_talk.ForgetFacts(new long[65]));
            Assert.IsFalse(_talk.ImportMemory(new byte[65537]));
            Assert.AreEqual(0, _line.Count("memory"));
            Assert.IsTrue(_talk.ImportMemory(new byte[65536]));
            Assert.AreEqual(65536, _line.Last("memory")["blob"].AsBytes().Length);
        }

        [TestCase("{'type':'memory','op':'tell'}")]
        [TestCase("{'type':'memory','op':'dream','on':true}")]
        [TestCase("{'type':'memory','op':'tell','on':1}")]
        [TestCase("{'type':'memory','op':'tell','on':true,'facts':{}}")]
        [TestCase("{'type':'memory','op':'tell','on':true,'facts':[{'id':0,'kind':'pet','text':'x'}]}")]
        [TestCase("{'type':'memory','op':'tell','on':true,'facts':[{'id':1,'kind':'pet'}]}")]
        [TestCase("{'type':'memory','op':'tell','on':true,'episodes':[7]}")]
        [TestCase("{'type':'memory','op':'erase','on':true,'count':-1}")]
        [TestCase("{'type':'memory','op':'export','on':true,'blob':'text'}")]
        public void WhatIsNoAnswerIsRefused(string json)
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
